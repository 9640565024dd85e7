import { describe, expect, test } from 'vitest';
import {
	parseFromWorker,
	parseToWorker,
	ProtocolError,
	type FromWorker,
	type ToWorker
} from '#lib/engine/protocol.ts';

const params = { temperature: 0.7, topP: 0.9, maxTokens: 100 };

const requests: ToWorker[] = [
	{
		kind: 'load',
		id: 1,
		model: { id: 'm', engine: 'wllama', contextWindow: 512, weights: [new Blob(['GGUF'])] }
	},
	{
		kind: 'load',
		id: 2,
		model: { id: 'm', engine: 'webllm', contextWindow: 512, pace: 5, url: 'https://a/', library: 'https://b' }
	},
	{ kind: 'reply', id: 3, turns: [{ role: 'user', text: 'Hi' }], params, prefix: '' },
	{ kind: 'reply', id: 4, turns: [], params: { ...params, seed: 1, presencePenalty: 0.5 }, prefix: 'x' },
	{ kind: 'abort', id: 5 },
	{ kind: 'count', id: 6, texts: ['a', ''] },
	{ kind: 'unload', id: 7 }
];

const usage = {
	promptTokens: 3,
	completionTokens: 2,
	timeToFirstToken: 1.5,
	tokensPerSecond: 9,
	reason: 'end'
} as const;

const answers: FromWorker[] = [
	{ kind: 'progress', id: 1, share: 0.5 },
	{ kind: 'alive', id: 1 },
	{ kind: 'loaded', id: 1, loaded: { device: 'cpu', detail: '1', contextWindow: 512 } },
	{ kind: 'delta', id: 1, text: 'a' },
	{ kind: 'usage', id: 1, usage },
	{ kind: 'usage', id: 1, usage: { ...usage, cachedTokens: 2 } },
	{ kind: 'counts', id: 1, counts: [1, 0] },
	{ kind: 'unloaded', id: 1 },
	{ kind: 'failed', id: 1, error: 'integrity', detail: 'x' }
];

describe('the protocol passes', () => {
	test.each(requests)('a request: $kind $id', (message) => {
		expect(parseToWorker(structuredClone(message))).toEqual(message);
	});
	test.each(answers)('an answer: $kind', (message) => {
		expect(parseFromWorker(structuredClone(message))).toEqual(message);
	});
});

describe('the protocol refuses', () => {
	test.each<[string, unknown]>([
		['nothing', undefined],
		['a text', 'load'],
		['no number', { kind: 'unload' }],
		['an unknown kind', { kind: 'reload', id: 1 }],
		['a kind of Object', { kind: 'toString', id: 1 }],
		['texts that are none', { kind: 'count', id: 1, texts: ['a', 1] }],
		[
			'a role it does not know',
			{ kind: 'reply', id: 1, turns: [{ role: 'tool', text: '' }], params, prefix: '' }
		],
		[
			'params without a temperature',
			{ kind: 'reply', id: 1, turns: [], params: { topP: 1, maxTokens: 1 }, prefix: '' }
		],
		[
			'a model without weights',
			{ kind: 'load', id: 1, model: { id: 'm', engine: 'wllama', contextWindow: 1 } }
		],
		['an engine it does not know', { kind: 'load', id: 1, model: { id: 'm', engine: 'x', contextWindow: 1 } }]
	])('as a request: %s', (_, message) => {
		expect(() => parseToWorker(message)).toThrow(ProtocolError);
	});
	test.each<[string, unknown]>([
		['a share that is none', { kind: 'progress', id: 1, share: NaN }],
		['a usage without a reason', { kind: 'usage', id: 1, usage: { ...usage, reason: undefined } }],
		['an error it does not know', { kind: 'failed', id: 1, error: 'oops', detail: '' }],
		['a request', { kind: 'unload', id: 1 }]
	])('as an answer: %s', (_, message) => {
		expect(() => parseFromWorker(message)).toThrow(ProtocolError);
	});
});
