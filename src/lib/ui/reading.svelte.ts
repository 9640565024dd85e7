import type { Id } from '#lib/message/message.ts';
import { finishedSentences } from '#lib/text/sentences.ts';

/** What the reader of answers is doing. */
export type ReadingState =
	| { kind: 'silent' }
	| { kind: 'reading'; message: Id }
	/** This device has no voice of its own for the answer's language. */
	| { kind: 'no-voice'; message: Id; language: SpokenLanguage }
	/** The device's voice stopped by itself; `detail` is the browser's word for why. */
	| { kind: 'failed'; message: Id; detail: string };

export type SpokenLanguage = 'en' | 'zh';

/** What is used of a voice. */
export type Voice = Pick<SpeechSynthesisVoice, 'lang' | 'localService' | 'default'>;

/** What is used of the browser's `speechSynthesis`. */
export interface Speech<V extends Voice> {
	voices(): V[];
	/** Calls back once when the list of voices changes. */
	onVoices(changed: () => void): void;
	/** Says one sentence. @returns when it was said @throws Error with the browser's word for what went wrong */
	say(sentence: string, voice: V): Promise<void>;
	cancel(): void;
	/** Waits a number of milliseconds. */
	pause(ms: number): Promise<void>;
}

/** What is said in place of a block of code: in the answer's language, which need not be the page's. */
const SKIPPED: Record<SpokenLanguage, string> = { en: 'Code is left out here.', zh: '此处略去代码。' };

/** How long the device may take to list its voices, in milliseconds. */
const LISTING = 1500;

/** Reads one answer at a time aloud, a sentence after the other, with voices of this device alone. */
export class ReadingAloud<V extends Voice> {
	#state = $state.raw<ReadingState>({ kind: 'silent' });
	readonly #speech: Speech<V>;
	readonly #pageLanguage: () => string;
	#turn = 0;

	/** @param pageLanguage for answers that have no letters of either language */
	constructor(speech: Speech<V>, pageLanguage: () => string) {
		this.#speech = speech;
		this.#pageLanguage = pageLanguage;
	}

	get state(): ReadingState {
		return this.#state;
	}

	/** Begins to read an answer, and leaves the one that is read now. */
	async read(message: Id, markdown: string): Promise<void> {
		this.stop();
		const turn = this.#turn;
		this.#state = { kind: 'reading', message };
		const main = languageOf(markdown) ?? (this.#pageLanguage().startsWith('zh') ? 'zh' : 'en');
		const voices = await this.#voices();
		if (turn !== this.#turn) return;
		const own = voiceFor(voices, main);
		if (!own) {
			this.#state = { kind: 'no-voice', message, language: main };
			return;
		}
		try {
			for (const sentence of finishedSentences(markdown, 0, true, SKIPPED[main]).sentences) {
				await this.#speech.say(sentence, voiceFor(voices, languageOf(sentence) ?? main) ?? own);
				if (turn !== this.#turn) return;
			}
			this.#state = { kind: 'silent' };
		} catch (error) {
			if (turn !== this.#turn) return;
			this.#state = {
				kind: 'failed',
				message,
				detail: error instanceof Error ? error.message : String(error)
			};
		}
	}

	/** Falls silent at once, and takes back what it said about voices. */
	stop(): void {
		this.#turn += 1;
		this.#state = { kind: 'silent' };
		this.#speech.cancel();
	}

	/** The voices that need no network. Some browsers list them only a while after they were first asked. */
	async #voices(): Promise<V[]> {
		if (this.#speech.voices().length === 0) {
			const listed = new Promise<void>((resolve) => this.#speech.onVoices(resolve));
			await Promise.race([listed, this.#speech.pause(LISTING)]);
		}
		return this.#speech.voices().filter(({ localService }) => localService);
	}
}

/** The language that most of a text is in; undefined for one without letters of either. */
export function languageOf(text: string): SpokenLanguage | undefined {
	const chinese = text.match(/\p{Script=Han}/gu)?.length ?? 0;
	const words = text.match(/\p{Script=Latin}+/gu)?.length ?? 0;
	if (chinese === 0 && words === 0) return undefined;
	// a word of English takes as long as two characters of Chinese
	return chinese >= words * 2 ? 'zh' : 'en';
}

/** The voice for a language: the device's own choice first, and of Chinese the common one before Cantonese. */
export function voiceFor<V extends Voice>(voices: readonly V[], language: SpokenLanguage): V | undefined {
	const tags = language === 'zh' ? /^(zh|cmn)\b/i : /^en\b/i;
	const rank = ({ lang, default: chosen }: V) => (/\b(HK|MO)\b|yue/i.test(lang) ? 2 : 0) + (chosen ? 0 : 1);
	return voices
		.filter(({ lang }) => tags.test(lang.replace('_', '-')))
		.toSorted((a, b) => rank(a) - rank(b))[0];
}
