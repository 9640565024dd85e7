import { HistoryError } from '#lib/message/errors.ts';
import {
	type Answer,
	type AnswerState,
	type Id,
	isOpen,
	type Message,
	type Writer
} from '#lib/message/message.ts';
import type { Store } from './history.ts';
import { messagesBefore } from './path.ts';

/** Answers as jobs: taking them, writing them, stopping them and taking them up again. */
export class AnswerJobs {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** The messages that lead to an answer, from the first to the question. @throws HistoryError missing */
	async contextOf(answer: Answer): Promise<Message[]> {
		return messagesBefore(this.#store.database, answer);
	}

	/**
	 * Takes an open answer to write it. @returns the text written so far and how often it was taken before,
	 * or undefined when there is nothing to write any more (it was stopped meanwhile, or ended elsewhere).
	 */
	async claim(id: Id, by: Id): Promise<{ text: string; attempts: number } | undefined> {
		const { database, change, now } = this.#store;
		return change(async () => {
			const answer = await this.#answer(id);
			const { state } = answer;
			if (!isOpen(state)) return undefined;
			const text = (await database.drafts.get(id))?.text ?? answer.text;
			if (state.kind === 'stopping') {
				await this.#end(answer, text, { kind: 'stopped', at: now() });
				return undefined;
			}
			const attempts = state.kind === 'writing' ? state.attempts : 0;
			await this.#put(answer, { state: { kind: 'writing', by, since: now(), attempts: attempts + 1 } });
			return { text, attempts };
		});
	}

	/** Notes who writes an answer. */
	async sign(id: Id, writer: Writer): Promise<void> {
		await this.#store.change(async () => this.#put(await this.#answer(id), { writer }));
	}

	/** Saves the text so far; about once a second is meant. */
	async checkpoint(id: Id, text: string): Promise<void> {
		const { database, change, now } = this.#store;
		await change(async () => {
			await database.drafts.put({ message: id, text, at: now() });
		});
	}

	/** Ends an answer with its text, or without one: then what its draft holds stays. */
	async end(id: Id, state: AnswerState, text?: string): Promise<void> {
		const { database, change } = this.#store;
		await change(async () => {
			const answer = await this.#answer(id);
			await this.#end(answer, text ?? (await database.drafts.get(id))?.text ?? answer.text, state);
		});
	}

	/** Asks the responder to stop; an answer nobody writes yet is stopped at once. */
	async requestStop(id: Id): Promise<void> {
		const { change, now } = this.#store;
		await change(async () => {
			const answer = await this.#answer(id);
			if (answer.state.kind === 'queued')
				await this.#end(answer, answer.text, { kind: 'stopped', at: now() });
			if (answer.state.kind === 'writing') {
				await this.#put(answer, { state: { kind: 'stopping', by: answer.state.by, since: now() } });
			}
		});
	}

	/** Puts an answer that was cut back into the queue; it goes on from the text it has. */
	async resume(id: Id): Promise<void> {
		const { database, change, now } = this.#store;
		await change(async () => {
			const answer = await this.#answer(id);
			if (isOpen(answer.state)) return;
			await database.drafts.put({ message: id, text: answer.text, at: now() });
			await this.#put(answer, { state: { kind: 'queued', since: now() } });
		});
	}

	/** The saved text of an answer that is still open, or undefined. */
	async draft(id: Id): Promise<string | undefined> {
		return (await this.#store.database.drafts.get(id))?.text;
	}

	async #answer(id: Id): Promise<Answer> {
		const found = await this.#store.database.messages.get(id);
		if (found?.role !== 'assistant') throw new HistoryError('missing', `answer ${id}`);
		return found;
	}

	async #end(answer: Answer, text: string, state: AnswerState): Promise<void> {
		await this.#put(answer, { state, text });
		await this.#store.database.drafts.delete(answer.id);
	}

	async #put(answer: Answer, change: Partial<Answer>): Promise<void> {
		await this.#store.database.messages.put({ ...answer, ...change });
	}
}
