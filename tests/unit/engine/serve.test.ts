import { expect, test } from 'vitest';
import type { Backend, ReplyEnd } from '#lib/engine/backend.ts';
import { EngineError } from '#lib/engine/errors.ts';
import type { FromWorker, ToWorker } from '#lib/engine/protocol.ts';
import { serve } from '#lib/engine/serve.ts';

const params = { temperature: 0, topP: 1, maxTokens: 9 };
const END: ReplyEnd = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, reason: 'end' };

/** A window's end of a served backend: what it said, and a wait for a message. */
function window(backend: Partial<Backend>) {
	const said: FromWorker[] = [];
	const hearers = new Set<() => void>();
	let listener: (event: { data: unknown }) => void = () => undefined;
	const whole: Backend = {
		load: () => Promise.resolve({ device: 'cpu', detail: '1', contextWindow: 1 }),
		reply: async function* () {
			yield await Promise.resolve('a');
			return END;
		},
		countTokens: (texts) => Promise.resolve(texts.map((text) => text.length)),
		unload: () => Promise.resolve(),
		...backend
	};
	serve(
		{
			postMessage(message) {
				said.push(message);
				for (const hear of hearers) hear();
			},
			addEventListener(_, heard) {
				listener = heard;
			}
		},
		whole
	);
	return {
		said,
		ask: (message: ToWorker) => listener({ data: message }),
		hear: (is: (message: FromWorker) => boolean) =>
			new Promise<void>((resolve) => {
				const look = (): void => {
					if (!said.some(is)) return;
					hearers.delete(look);
					resolve();
				};
				hearers.add(look);
				look();
			})
	};
}

const kinds = (messages: FromWorker[]): string[] => messages.map(({ kind, id }) => `${kind} ${id}`);

test('requests are worked on one at a time, in their order', async () => {
	const gate = Promise.withResolvers<undefined>();
	const { said, ask, hear } = window({
		reply: async function* () {
			await gate.promise;
			yield 'a';
			return END;
		}
	});
	ask({ kind: 'reply', id: 1, turns: [], params, prefix: '' });
	ask({ kind: 'count', id: 2, texts: ['abc'] });
	gate.resolve(undefined);
	await hear(({ kind }) => kind === 'counts');
	expect(kinds(said)).toEqual(['delta 1', 'usage 1', 'counts 2']);
});

test('a reply that was aborted while it waited is not begun', async () => {
	let begun = 0;
	const { said, ask, hear } = window({
		reply: async function* () {
			begun++;
			yield await Promise.resolve('a');
			return END;
		}
	});
	ask({ kind: 'reply', id: 1, turns: [], params, prefix: '' });
	ask({ kind: 'reply', id: 2, turns: [], params, prefix: '' });
	ask({ kind: 'abort', id: 2 });
	await hear(({ kind, id }) => kind === 'usage' && id === 2);
	expect(begun).toBe(1);
	expect(said.at(-1)).toMatchObject({ usage: { reason: 'aborted', completionTokens: 0 } });
});

test('a failure is answered with its kind, and the next request is worked on', async () => {
	let failures: Error[] = [new EngineError('context-overflow', 'too long'), new Error('oops')];
	const { said, ask, hear } = window({
		countTokens: () => {
			const [first, ...others] = failures;
			failures = others;
			return first ? Promise.reject(first) : Promise.resolve([1]);
		}
	});
	for (const id of [1, 2, 3]) ask({ kind: 'count', id, texts: ['a'] });
	await hear(({ kind }) => kind === 'counts');
	expect(said).toEqual([
		{ kind: 'failed', id: 1, error: 'context-overflow', detail: 'too long' },
		{ kind: 'failed', id: 2, error: 'unknown', detail: 'oops' },
		{ kind: 'counts', id: 3, counts: [1] }
	]);
});
