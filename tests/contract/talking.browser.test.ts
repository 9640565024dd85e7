import { LoggerWithoutDebug, Wllama, type ChatCompletionMessage } from '@wllama/wllama/esm/index.js';
import wasm from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countingWords, wordsOf } from '../../scripts/talking/chain.ts';
import { SELF_TEST_SENTENCE, writeSelfTestGguf, writeTalkingGguf } from '../../scripts/talking/gguf.ts';

const QUESTION: ChatCompletionMessage = { role: 'user', content: 'Good morning, is anybody there?' };

async function start(bytes: Uint8Array<ArrayBuffer>): Promise<Wllama> {
	const wllama = new Wllama({ default: wasm }, { suppressNativeLog: true, logger: LoggerWithoutDebug });
	await wllama.loadModel([new Blob([bytes])], { n_ctx: 4096, n_gpu_layers: 0, seed: 1 });
	return wllama;
}

interface Said {
	text: string;
	pieces: string[];
	finish: string | null;
}

/** Greedy, streamed; `enough` stops it in mid-answer. */
async function ask(
	wllama: Wllama,
	messages: ChatCompletionMessage[],
	enough: (text: string) => boolean = () => false
): Promise<Said> {
	const stopper = new AbortController();
	const pieces: string[] = [];
	let finish: string | null = null;
	try {
		const stream = await wllama.createChatCompletion({
			messages,
			stream: true,
			temperature: 0,
			max_tokens: 1000,
			abortSignal: stopper.signal
		});
		for await (const chunk of stream) {
			const choice = chunk.choices[0];
			if (choice?.delta.content) pieces.push(choice.delta.content);
			finish = choice?.finish_reason ?? finish;
			if (enough(pieces.join(''))) stopper.abort();
		}
	} catch (error) {
		if (!stopper.signal.aborted) throw error;
		finish = 'aborted';
	}
	return { text: pieces.join(''), pieces, finish };
}

describe('a talking model in llama.cpp', () => {
	let wllama: Wllama;
	beforeAll(async () => {
		wllama = await start(writeSelfTestGguf());
	});
	afterAll(() => wllama.exit());

	test('says exactly its sentence, word by word, and ends its turn', async () => {
		const said = await ask(wllama, [QUESTION]);
		expect(said.text).toBe(SELF_TEST_SENTENCE);
		expect(said.finish).toBe('stop');
		expect(said.pieces).toHaveLength(wordsOf(SELF_TEST_SENTENCE).length);
	});

	test('says it again in the second turn, and with a system prompt', async () => {
		const said = await ask(wllama, [
			{ role: 'system', content: 'Be brief.' },
			QUESTION,
			{ role: 'assistant', content: SELF_TEST_SENTENCE },
			{ role: 'user', content: 'Pardon?' }
		]);
		expect(said.text).toBe(SELF_TEST_SENTENCE);
	});

	test('goes on after a word of an answer that was cut', async () => {
		const cut = SELF_TEST_SENTENCE.indexOf(' device');
		const prompt = `<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n${SELF_TEST_SENTENCE.slice(0, cut)}`;
		const said = await wllama.createCompletion({ prompt, max_tokens: 100, temperature: 0 });
		expect(said.choices[0]?.text).toBe(SELF_TEST_SENTENCE.slice(cut));
	});
});

describe('a counting model in llama.cpp', () => {
	let wllama: Wllama;
	beforeAll(async () => {
		wllama = await start(writeTalkingGguf({ words: countingWords(400), name: 'Counting' }));
	});
	afterAll(() => wllama.exit());

	test('counts to 400 without a gap', async () => {
		const said = await ask(wllama, [QUESTION]);
		expect(wordsOf(said.text)).toEqual(countingWords(400));
		expect(said.finish).toBe('stop');
	});

	test('can be stopped, and then counts from the start again', async () => {
		const stopped = await ask(wllama, [QUESTION], (text) => wordsOf(text).length >= 5);
		const heard = wordsOf(stopped.text);
		expect(stopped.finish).toBe('aborted');
		expect(heard.length).toBeGreaterThanOrEqual(5);
		expect(heard.length).toBeLessThan(400);
		expect(heard).toEqual(countingWords(heard.length));
		const whole = await ask(wllama, [QUESTION]);
		expect(wordsOf(whole.text)).toEqual(countingWords(400));
	});
});
