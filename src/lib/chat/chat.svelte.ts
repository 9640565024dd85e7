import type { History } from '#lib/history/history.ts';
import type { Path, PathPart } from '#lib/history/messages.ts';
import type { Attachment } from '#lib/message/attachment.ts';
import { HistoryError } from '#lib/message/errors.ts';
import { type Id, isOpen } from '#lib/message/message.ts';
import type { Setup } from '#lib/message/setup.ts';
import { checkText } from '#lib/message/text.ts';

/** What the chat page shows. */
export type ChatView =
	/** Nothing is said yet; the first message makes the conversation. */
	{ kind: 'new' } | { kind: 'loading'; id: Id } | { kind: 'missing'; id: Id } | ({ kind: 'open' } & Path);

/** What stands in the way of what a person just tried; the words are in `i18n`. */
export type ChatProblem =
	| { kind: 'none' }
	| { kind: 'empty' }
	| { kind: 'too-long'; length: number; limit: number }
	| { kind: 'history'; error: HistoryError }
	/** Something was shared with the app that it could not keep or read. */
	| { kind: 'not-arrived'; detail: string };

/** Follows the text of an answer while it is written. @returns the function that ends it */
export type WatchDraft = (answer: Id, onText: (text: string) => void) => () => void;

/** Keeps what is on its way to a conversation, by name, for when the page is loaded anew. */
export interface Kept {
	get(key: string): string | null;
	set(key: string, text: string): void;
}

/** Where the settings are kept of a conversation that is yet to begin. */
const PREPARED = 'setup';

/** How many messages are shown at least. */
const PAGE = 50;

/** One conversation on the screen: shows the history, adds questions to it, asks for stops and retries. */
export class Chat {
	#view = $state.raw<ChatView>({ kind: 'new' });
	#problem = $state.raw<ChatProblem>({ kind: 'none' });
	/** By answer; replaced whole, which costs less than a reactive map. */
	#drafts = $state.raw<Readonly<Record<Id, string>>>({});
	readonly #watches = new Map<Id, () => void>();
	readonly #history: History;
	readonly #watchDraft: WatchDraft;
	#part: PathPart = {};
	#prepared = $state.raw('');
	readonly #kept: Kept;
	#endPath: () => void = () => undefined;

	constructor(history: History, watchDraft: WatchDraft, kept: Kept) {
		this.#history = history;
		this.#watchDraft = watchDraft;
		this.#kept = kept;
		this.#prepared = kept.get(PREPARED) ?? '';
	}

	get view(): ChatView {
		return this.#view;
	}

	get problem(): ChatProblem {
		return this.#problem;
	}

	/** The one that is shown, or is to be once it is read; undefined where it is yet to begin. */
	get conversation(): Id | undefined {
		const view = this.#view;
		if (view.kind === 'open') return view.conversation.id;
		return view.kind === 'new' ? undefined : view.id;
	}

	/** The answers of the path that are still being written or wait for it. */
	get growing(): Id[] {
		if (this.#view.kind !== 'open') return [];
		const { entries, leaf } = this.#view;
		// while a reader is far above it, the last answer is not among those that are shown
		const messages = [...entries.map(({ message }) => message), ...(leaf ? [leaf] : [])];
		const open = messages.filter((message) => message.role === 'assistant' && isOpen(message.state));
		return [...new Set(open.map(({ id }) => id))];
	}

	/** What a conversation that is yet to begin will set for itself, for `readPrepared`. */
	get prepared(): string {
		return this.#prepared;
	}

	/** Keeps that until a conversation begins. */
	prepare(setup?: Setup): void {
		this.#prepared = setup ? JSON.stringify(setup) : '';
		this.#kept.set(PREPARED, this.#prepared);
	}

	/** The text of an answer so far. */
	draft(answer: Id): string {
		return this.#drafts[answer] ?? '';
	}

	/** Shows a conversation, or a new one when there is no id. */
	open(id: Id | undefined): void {
		if (id !== undefined && this.#view.kind === 'open' && this.#view.conversation.id === id) return;
		this.close();
		this.#part = {};
		this.#problem = { kind: 'none' };
		if (id === undefined) this.#view = { kind: 'new' };
		else this.#follow(id);
	}

	/** Shows another part of the path. */
	look(part: PathPart): void {
		if (this.#view.kind !== 'open') return;
		this.#part = part;
		this.#subscribe(this.#view.conversation.id);
	}

	/**
	 * Adds a question and its waiting answer to the history.
	 * @returns the conversation's id, or undefined when it could not be sent: `problem` says why
	 */
	async send(text: string, attachments?: Attachment[]): Promise<Id | undefined> {
		const checked = checkText(text);
		if (checked.kind !== 'ok') {
			this.#problem = checked;
			return undefined;
		}
		const at = this.conversation;
		let sent: Id | undefined;
		await this.#try(async () => {
			const setup =
				at === undefined && this.#prepared
					? (await import('./prepared.ts')).readPrepared(this.#prepared)
					: undefined;
			sent = (await this.#history.messages.ask(checked.text, at, { setup, attachments })).conversation;
			if (at === undefined) {
				this.prepare();
				this.#follow(sent);
			} else if (this.#view.kind === 'open' && this.#view.later > 0) this.look({});
		});
		return sent;
	}

	/** Stops what is being written in this conversation; what waits behind it is next. */
	async stop(): Promise<void> {
		const jobs = await this.#history.jobs();
		for (const answer of this.growing.slice(0, 1)) await this.#try(() => jobs.requestStop(answer));
	}

	/** Asks for another answer to the same question. */
	async retry(answer: Id): Promise<void> {
		const branches = await this.#history.branches();
		await this.#try(async () => void (await branches.retry(answer)));
	}

	/** Goes on with an answer that was cut. */
	async resume(answer: Id): Promise<void> {
		const jobs = await this.#history.jobs();
		await this.#try(() => jobs.resume(answer));
	}

	dismiss(): void {
		this.#problem = { kind: 'none' };
	}

	/** Ends all subscriptions. */
	close(): void {
		this.#endPath();
		this.#endPath = () => undefined;
		for (const end of this.#watches.values()) end();
		this.#watches.clear();
		this.#drafts = {};
	}

	#follow(id: Id): void {
		this.#view = { kind: 'loading', id };
		this.#subscribe(id);
	}

	#subscribe(id: Id): void {
		this.#endPath();
		this.#endPath = this.#history.messages.path(id, PAGE, this.#part).subscribe(
			(path) => {
				this.#view = path ? { kind: 'open', ...path } : { kind: 'missing', id };
				this.#watchGrowing();
			},
			(error) => (this.#problem = { kind: 'history', error })
		);
	}

	#watchGrowing(): void {
		const growing = new Set(this.growing);
		for (const [id, end] of this.#watches) {
			if (growing.has(id)) continue;
			end();
			this.#watches.delete(id);
			this.#drafts = Object.fromEntries(Object.entries(this.#drafts).filter(([answer]) => answer !== id));
		}
		for (const id of growing) {
			if (this.#watches.has(id)) continue;
			this.#watches.set(
				id,
				this.#watchDraft(id, (text) => this.#setDraft(id, text))
			);
			void this.#showCheckpoint(id);
		}
	}

	#setDraft(id: Id, text: string): void {
		this.#drafts = { ...this.#drafts, [id]: text };
	}

	/** Until its writer speaks, an answer shows what was saved of it. */
	async #showCheckpoint(id: Id): Promise<void> {
		const saved = await (await this.#history.jobs()).draft(id);
		if (saved && this.#watches.has(id) && !this.draft(id)) this.#setDraft(id, saved);
	}

	async #try(work: () => Promise<void>): Promise<void> {
		try {
			await work();
			this.#problem = { kind: 'none' };
		} catch (error) {
			if (!(error instanceof HistoryError)) throw error;
			this.#problem = { kind: 'history', error };
		}
	}
}
