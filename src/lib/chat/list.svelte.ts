import type { History } from '#lib/history/history.ts';
import { HistoryError } from '#lib/message/errors.ts';
import type { Conversation, Id, Time } from '#lib/message/message.ts';

/** How many conversations are listed at first, and how many more at each wish. */
const PAGE = 50;

/** How long a deletion can be undone after a reload, in milliseconds; afterwards it is erased. */
const KEEP_DELETED = 24 * 60 * 60 * 1000;

/** What a change of the list came to. */
export type ListNotice =
	| { kind: 'none' }
	| { kind: 'deleted'; conversation: Conversation }
	| { kind: 'failed'; error: HistoryError };

/** The conversations of this device: the pinned ones, then the others, newest first. */
export class ConversationList {
	#all = $state.raw<Conversation[]>();
	#notice = $state.raw<ListNotice>({ kind: 'none' });
	#limit = $state(PAGE);
	readonly #history: History;
	#end: () => void = () => undefined;

	constructor(history: History) {
		this.#history = history;
	}

	/** Undefined until they were read. */
	get all(): Conversation[] | undefined {
		return this.#all?.slice(0, this.#limit);
	}

	get hasMore(): boolean {
		return (this.#all?.length ?? 0) > this.#limit;
	}

	get notice(): ListNotice {
		return this.#notice;
	}

	/** Begins to follow the history, and erases what was deleted long ago. */
	start(now: Time): void {
		this.#subscribe();
		void this.#try(() => this.#history.conversations.purge(now - KEEP_DELETED));
	}

	showMore(): void {
		this.#limit += PAGE;
		this.#subscribe();
	}

	async rename(id: Id, title: string): Promise<void> {
		await this.#try(() => this.#history.conversations.rename(id, title));
	}

	async pin({ id, pinnedAt }: Conversation): Promise<void> {
		await this.#try(() => this.#history.conversations.pin(id, pinnedAt === undefined));
	}

	async remove(conversation: Conversation): Promise<void> {
		await this.#try(async () => {
			await this.#history.conversations.remove(conversation.id);
			this.#notice = { kind: 'deleted', conversation };
		});
	}

	/** Brings back what was deleted last. @returns its id */
	async undo(): Promise<Id | undefined> {
		if (this.#notice.kind !== 'deleted') return undefined;
		const { id } = this.#notice.conversation;
		this.#notice = { kind: 'none' };
		await this.#try(() => this.#history.conversations.restore(id));
		return id;
	}

	dismiss(): void {
		this.#notice = { kind: 'none' };
	}

	#subscribe(): void {
		this.#end();
		this.#end = this.#history.conversations.newest(this.#limit + 1).subscribe(
			(all) => (this.#all = all),
			(error) => (this.#notice = { kind: 'failed', error })
		);
	}

	async #try(work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (error) {
			if (!(error instanceof HistoryError)) throw error;
			this.#notice = { kind: 'failed', error };
		}
	}
}
