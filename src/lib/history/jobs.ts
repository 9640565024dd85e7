import { HistoryError } from '#lib/message/errors.ts';
import {
	type Answer,
	type AnswerState,
	type Footing,
	type Id,
	isOpen,
	type Message,
	type Mishap,
	type Writer
} from '#lib/message/message.ts';
import { type Claim, standOn, takeUp } from './claim.ts';
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
	 * Takes an open answer to write it. @returns undefined when there is nothing to write any more (it was
	 * stopped meanwhile, or ended elsewhere).
	 */
	async claim(id: Id, by: Id): Promise<Claim | undefined> {
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
			const { claim, taken } = takeUp(state.kind === 'writing' ? state : undefined, text, by);
			const { footing: then, orphan } = claim;
			const time = now();
			await this.#put(answer, {
				state: { kind: 'writing', since: time, ...taken },
				...(orphan && text !== '' ? { mishap: { cause: 'interrupted', then, at: time } } : {})
			});
			return claim;
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

	/** Saves what there is of an answer that something befell, and notes what it goes on with. */
	async goOn(id: Id, text: string, cause: string, then: Footing): Promise<void> {
		const { database, change, now } = this.#store;
		await change(async () => {
			const answer = await this.#answer(id);
			const { state } = answer;
			const mishap: Mishap = { cause, then, at: now() };
			await database.drafts.put({ message: id, text, at: mishap.at });
			if (state.kind !== 'writing') return;
			await this.#put(answer, { state: standOn(state, then), mishap });
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
			const { mishap, ...fresh } = answer;
			void mishap; // told, and over
			await database.drafts.put({ message: id, text: answer.text, at: now() });
			await this.#put(fresh, { state: { kind: 'queued', since: now() } });
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
