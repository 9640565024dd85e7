import { describe, expect, test } from 'vitest';
import { languageOf, ReadingAloud, type Speech, type Voice, voiceFor } from '#lib/ui/reading.svelte.ts';

const voice = (lang: string, more: Partial<Voice> = {}): Voice => ({
	lang,
	localService: true,
	default: false,
	...more
});

/** A device whose voice says a sentence when it is told to, and notes each. */
class Device implements Speech<Voice> {
	list: Voice[];
	said: string[] = [];
	#speaking: PromiseWithResolvers<undefined> | undefined;
	#changed: () => void = () => undefined;
	readonly #pausing = Promise.withResolvers<undefined>();

	constructor(...list: Voice[]) {
		this.list = list;
	}
	voices(): Voice[] {
		return this.list;
	}
	onVoices(changed: () => void): void {
		this.#changed = changed;
	}
	pause(): Promise<void> {
		return this.#pausing.promise;
	}
	say(sentence: string, { lang }: Voice): Promise<void> {
		this.said.push(`${lang}: ${sentence}`);
		this.#speaking = Promise.withResolvers<undefined>();
		return this.#speaking.promise;
	}
	cancel(): void {
		this.#speaking?.reject(new Error('interrupted'));
	}
	/** Ends the sentence that is being said. */
	async end(): Promise<void> {
		this.#speaking?.resolve(undefined);
		await settle();
	}
	async fail(word: string): Promise<void> {
		this.#speaking?.reject(new Error(word));
		await settle();
	}
	/** The device lists voices that it did not have at first. */
	async bring(...list: Voice[]): Promise<void> {
		this.list = list;
		this.#changed();
		await settle();
	}
	async waitInVain(): Promise<void> {
		this.#pausing.resolve(undefined);
		await settle();
	}
}

/** Lets everything that waits for nothing outside go on. */
async function settle(): Promise<void> {
	for (let i = 0; i < 10; i++) await Promise.resolve();
}

async function begin(device: Device, text: string, page = 'en'): Promise<ReadingAloud<Voice>> {
	const reading = new ReadingAloud(device, () => page);
	void reading.read('a', text);
	await settle();
	return reading;
}

const ENGLISH = voice('en-US');
const CHINESE = voice('zh-CN');

describe('an answer is read aloud', () => {
	test('a sentence after the other, without marks, and with a word in place of code', async () => {
		const device = new Device(ENGLISH);
		const reading = await begin(device, '# Bread\n\n**Mix** it. Bake it.\n\n```js\nbake();\n```\n\nDone.');
		expect(device.said).toEqual(['en-US: Bread']);
		expect(reading.state).toEqual({ kind: 'reading', message: 'a' });
		for (let i = 0; i < 4; i++) await device.end();
		expect(device.said.slice(1)).toEqual([
			'en-US: Mix it.',
			'en-US: Bake it.',
			'en-US: Code is left out here.',
			'en-US: Done.'
		]);
		await device.end();
		expect(reading.state).toEqual({ kind: 'silent' });
	});

	test('each sentence by a voice of its language', async () => {
		const device = new Device(ENGLISH, CHINESE);
		await begin(device, '面包在中文里是这样说的。This is bread. 完了。');
		await device.end();
		await device.end();
		expect(device.said).toEqual([
			'zh-CN: 面包在中文里是这样说的。',
			'en-US: This is bread.',
			'zh-CN: 完了。'
		]);
	});

	test('no longer when it is stopped, and another answer takes the voice over', async () => {
		const device = new Device(ENGLISH);
		const reading = await begin(device, 'One. Two.');
		reading.stop();
		await settle();
		expect(reading.state).toEqual({ kind: 'silent' });
		void reading.read('a', 'One. Two.');
		await settle();
		void reading.read('b', 'Three.');
		await settle();
		expect(device.said).toEqual(['en-US: One.', 'en-US: One.', 'en-US: Three.']);
		expect(reading.state).toEqual({ kind: 'reading', message: 'b' });
	});
});

describe('a voice', () => {
	test('that needs the network is not used: that there is none is said', async () => {
		const reading = await begin(new Device(voice('en-US', { localService: false }), CHINESE), 'One.');
		expect(reading.state).toEqual({ kind: 'no-voice', message: 'a', language: 'en' });
		reading.stop();
		expect(reading.state).toEqual({ kind: 'silent' });
	});

	test('that the device lists late is waited for, and that none comes is said', async () => {
		const late = new Device();
		await begin(late, 'One.');
		await late.bring(ENGLISH);
		expect(late.said).toEqual(['en-US: One.']);
		const never = new Device();
		const reading = await begin(never, '你好。');
		await never.waitInVain();
		expect(reading.state).toEqual({ kind: 'no-voice', message: 'a', language: 'zh' });
	});

	test('that fails is told of', async () => {
		const device = new Device(ENGLISH);
		const reading = await begin(device, 'One. Two.');
		await device.fail('audio-busy');
		expect(reading.state).toEqual({ kind: 'failed', message: 'a', detail: 'audio-busy' });
	});

	test('is the device’s own choice, and for Chinese the common language before Cantonese', () => {
		const chosen = voice('en_GB', { default: true });
		expect(voiceFor([ENGLISH, chosen], 'en')).toBe(chosen);
		expect(voiceFor([voice('zh-HK', { default: true }), CHINESE], 'zh')).toBe(CHINESE);
		expect(voiceFor([ENGLISH], 'zh')).toBeUndefined();
	});
});

test.each([
	['Hello there', 'en'],
	['你好', 'zh'],
	['用 Python 写一个程序来排序', 'zh'],
	['The word 面包 means bread in Chinese', 'en'],
	['42 !', undefined]
])('the language of %s is %s', (text, language) => {
	expect(languageOf(text)).toBe(language);
});

test('an answer without letters is read in the page’s language', async () => {
	const device = new Device(ENGLISH, CHINESE);
	await begin(device, '42', 'zh-Hans');
	expect(device.said).toEqual(['zh-CN: 42']);
});
