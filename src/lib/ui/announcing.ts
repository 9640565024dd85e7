import { type Answer, isOpen, type Mishap } from '#lib/message/message.ts';
import { finishedSentences } from '#lib/text/sentences.ts';

/** An answer as the page has it now. */
export interface Spoken {
	answer: Pick<Answer, 'id' | 'state'>;
	/** Its text so far. */
	text: string;
	/** What it waits for, while it has no text. */
	waiting: string;
	/** Changes when another thing is waited for; a progress alone does not change it. */
	stage: string;
	/** How it ended, where it did not simply end. */
	outcome: string | undefined;
	/** What befell it on its way. */
	mishap?: (Pick<Mishap, 'at' | 'then'> & { words: string }) | undefined;
}

interface Progress {
	/** Where the first sentence begins that has not been said. */
	next: number;
	stage: string;
	/** When that was which was told of what befell it. */
	mishap?: number;
}

/**
 * Decides what a screen reader is told of the answers that grow: each sentence once, when it is finished,
 * what an answer waits for, what befell it, and how it ended. Answers that were whole when they came into view are not told.
 */
export class Announcing {
	readonly #growing = new Map<string, Progress>();

	/** @returns the lines that are new since the last call, without marks of Markdown */
	hear(all: Spoken[]): string[] {
		return all.flatMap((spoken) => {
			const { answer, text } = spoken;
			const known = this.#growing.get(answer.id);
			if (!isOpen(answer.state)) return known ? this.#end(spoken, known) : [];
			const progress = known ?? begin(text);
			this.#growing.set(answer.id, progress);
			return befell(progress, spoken, text ? said(progress, text, false) : waits(progress, spoken));
		});
	}

	#end(spoken: Spoken, progress: Progress): string[] {
		const { answer, text, outcome } = spoken;
		this.#growing.delete(answer.id);
		const lines = befell(progress, spoken, said(progress, text, true));
		return outcome === undefined ? lines : [...lines, outcome];
	}
}

/** What is there when an answer comes into view can be read, so it is not told. */
function begin(text: string): Progress {
	return { next: finishedSentences(text, 0, false).next, stage: '' };
}

function said(progress: Progress, text: string, final: boolean): string[] {
	// an engine that started again may have gone back to what was saved
	const from = Math.min(progress.next, text.length);
	const { sentences, next } = finishedSentences(text, from, final);
	progress.next = next;
	return sentences;
}

/** Puts what befell it first; the name of another engine's model is known once that speaks. */
function befell(progress: Progress, { mishap, text }: Spoken, lines: string[]): string[] {
	if (!mishap || progress.mishap === mishap.at) return lines;
	if (mishap.then === 'other' && !(text && lines.length)) return lines;
	progress.mishap = mishap.at;
	return [mishap.words, ...lines];
}

function waits(progress: Progress, { stage, waiting }: Spoken): string[] {
	if (progress.stage === stage) return [];
	progress.stage = stage;
	return [waiting];
}
