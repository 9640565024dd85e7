import type { History } from '#lib/history/history.ts';
import type { Id } from '#lib/message/message.ts';

/** The line of answers that the device's one engine has before it, of all conversations. */
export class Queue {
	#line = $state.raw<Id[]>([]);
	readonly #history: History;
	readonly #end: () => void;

	constructor(history: History) {
		this.#history = history;
		this.#end = history.messages.openAnswers().subscribe(
			(open) => {
				const [waiting, begun] = [open.filter(waits), open.filter((answer) => !waits(answer))];
				this.#line = [...begun, ...waiting].map(({ id }) => id);
			},
			(error) => console.error('The line of answers cannot be read:', error)
		);
	}

	/** 1 for the answer that is written, or is next; 0 for one that is in no line. */
	place(answer: Id): number {
		return this.#line.indexOf(answer) + 1;
	}

	/** Takes an answer out of the line; its question stays. @throws HistoryError */
	async leave(answer: Id): Promise<void> {
		await (await this.#history.jobs()).requestStop(answer);
	}

	/** Ends following the history. */
	close(): void {
		this.#end();
	}
}

function waits({ state }: { state: { kind: string } }): boolean {
	return state.kind === 'queued';
}
