import type { Removal } from '#lib/history/branches.ts';
import type { History } from '#lib/history/history.ts';
import { HistoryError } from '#lib/message/errors.ts';
import type { Id, Summary } from '#lib/message/message.ts';
import { checkText } from '#lib/message/text.ts';
import type { ChatProblem } from './chat.svelte.ts';

/** What became of a change to the tree of messages, for the thread of that conversation. */
export type BranchNotice =
	| { kind: 'none' }
	| { kind: 'deleted'; conversation: Id; removal: Removal }
	| { kind: 'summary-removed'; conversation: Id; message: Id; summary: Summary }
	/** `conversation` is the copy, `from` the original. */
	| { kind: 'forked'; conversation: Id; from: Id }
	| { kind: 'failed'; conversation: Id; error: HistoryError };

/** Versions, deletions and forks, as a person asks for them. Fetched when a conversation is shown. */
export class Branching {
	#notice = $state.raw<BranchNotice>({ kind: 'none' });
	readonly #history: History;
	readonly #open: (conversation: Id) => Promise<void>;

	/** @param open shows another conversation */
	constructor(history: History, open: (conversation: Id) => Promise<void>) {
		this.#history = history;
		this.#open = open;
	}

	get notice(): BranchNotice {
		return this.#notice;
	}

	/** Shows another version of a message. */
	async show(conversation: Id, message: Id): Promise<void> {
		const branches = await this.#history.branches();
		await this.#try(conversation, async () => void (await branches.show(message)));
	}

	/** Asks a question in other words. @returns what stands in the way, so that its text is not lost */
	async edit(question: Id, text: string): Promise<ChatProblem> {
		const checked = checkText(text);
		if (checked.kind !== 'ok') return checked;
		try {
			await (await this.#history.branches()).edit(question, checked.text);
			return { kind: 'none' };
		} catch (error) {
			if (!(error instanceof HistoryError)) throw error;
			return { kind: 'history', error };
		}
	}

	/** Deletes a message with all that follows it. */
	async remove(conversation: Id, message: Id): Promise<void> {
		const branches = await this.#history.branches();
		await this.#try(conversation, async () => {
			const removal = await branches.remove(message);
			this.#notice = { kind: 'deleted', conversation, removal };
		});
	}

	/** Gives a summary other words. @returns whether they were kept; otherwise the notice says why not */
	async tell(conversation: Id, message: Id, text: string): Promise<boolean> {
		const summaries = await this.#history.summaries();
		return this.#try(conversation, () => summaries.edit(message, text));
	}

	/** Throws a summary away. */
	async removeSummary(conversation: Id, message: Id): Promise<void> {
		const summaries = await this.#history.summaries();
		await this.#try(conversation, async () => {
			const summary = await summaries.remove(message);
			this.#notice = { kind: 'summary-removed', conversation, message, summary };
		});
	}

	/** Brings back what was deleted last. */
	async undo(): Promise<void> {
		if (this.#notice.kind === 'summary-removed') {
			const { conversation, message, summary } = this.#notice;
			const summaries = await this.#history.summaries();
			await this.#try(conversation, async () => {
				await summaries.restore(message, summary);
				this.#notice = { kind: 'none' };
			});
		}
		if (this.#notice.kind !== 'deleted') return;
		const { conversation, removal } = this.#notice;
		const branches = await this.#history.branches();
		await this.#try(conversation, async () => {
			await branches.restore(removal);
			this.#notice = { kind: 'none' };
		});
	}

	/** Makes a conversation of its own of all up to a message, and opens it. */
	async fork(conversation: Id, message: Id): Promise<void> {
		const branches = await this.#history.branches();
		await this.#try(conversation, async () => {
			const copy = await branches.fork(message);
			this.#notice = { kind: 'forked', conversation: copy, from: conversation };
			await this.#open(copy);
		});
	}

	/** From a fork back to where it was made. */
	async toOriginal(): Promise<void> {
		if (this.#notice.kind !== 'forked') return;
		const { from } = this.#notice;
		this.#notice = { kind: 'none' };
		await this.#open(from);
	}

	dismiss(): void {
		this.#notice = { kind: 'none' };
	}

	async #try(conversation: Id, work: () => Promise<void>): Promise<boolean> {
		try {
			await work();
			return true;
		} catch (error) {
			if (!(error instanceof HistoryError)) throw error;
			this.#notice = { kind: 'failed', conversation, error };
			return false;
		}
	}
}
