import { describe, expect, test } from 'vitest';
import { EngineError, wordsOf } from '#lib/engine/errors.ts';
import { failureOf as webllmFailure } from '#lib/engine/webllm/failure.ts';
import { failureOf as wllamaFailure } from '#lib/engine/wllama/failure.ts';

function named(name: string, message: string): Error {
	return Object.assign(new Error(message), { name });
}

describe('what llama.cpp says', () => {
	test.each<[string, Error, string[]]>([
		[
			'context-overflow',
			new Error('request (419 tokens) exceeds the available context size (256 tokens)'),
			[]
		],
		['integrity', new Error('failed to load model'), ["tensor 'x' data is not within the file bounds"]],
		['out-of-memory', new Error('failed to load model'), ['ggml: failed to allocate CPU buffer of size 9']],
		['out-of-memory', named('RangeError', 'WebAssembly.Memory(): could not allocate memory'), []],
		['out-of-memory', named('RuntimeError', '(ABORT) OOM'), []],
		['worker-lost', named('RuntimeError', '(ABORT) native code called abort()'), []],
		['worker-lost', named('RuntimeError', 'memory access out of bounds'), []],
		['unknown', new Error('something new'), []]
	])('is %s: %s', (kind, error, log) => {
		const failure = wllamaFailure(error, log);
		expect(failure.kind).toBe(kind);
		expect(failure.cause).toBe(error);
		for (const line of log) expect(failure.message).toContain(line);
	});
});

describe('what WebLLM says', () => {
	test.each<[string, Error]>([
		['context-overflow', named('ContextWindowSizeExceededError', 'Prompt tokens exceed context window size')],
		['no-adapter', new Error('Unable to find a compatible GPU. This issue might be because')],
		['no-adapter', new Error('Cannot initialize runtime because of requested maxBufferSize exceeds limit.')],
		['device-lost', named('DeviceLostError', 'The WebGPU device was lost while loading the model.')],
		['device-lost', named('AbortError', "Failed to execute 'mapAsync' on 'GPUBuffer': [Device] is lost.")],
		['integrity', named('LinkError', 'WebAssembly.instantiate(): Import #0')],
		['integrity', named('SyntaxError', 'Unexpected token < in JSON')],
		['unknown', new Error('something new')]
	])('is %s: %s', (kind, error) => {
		expect(webllmFailure(error).kind).toBe(kind);
	});
});

test('an EngineError stays what it is', () => {
	const error = new EngineError('no-f16', 'x');
	expect(webllmFailure(error)).toBe(error);
	expect(wllamaFailure(error)).toBe(error);
});

test('whatever is thrown has words', () => {
	expect(wordsOf(new Error('a'))).toBe('a');
	expect(wordsOf(named('DataCloneError', ''))).toBe('DataCloneError');
	expect(wordsOf('b')).toBe('b');
	expect(wordsOf({ c: 1 })).toBe('{"c":1}');
	expect(wordsOf(undefined)).toBe('undefined');
});
