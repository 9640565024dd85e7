import type { EntryRow, RoomRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { WireEvent } from '#lib/wire/frames.ts';
import { advance, type AnswerOp, ASSISTANT, MOST_OPEN, newJob, offered, wished } from './answers.ts';
import type { News } from './fold.ts';
import { refOf } from './payload.ts';

type AnswerRow = Extract<EntryRow, { kind: 'answer' }>;

/** The part of the fold that is about the model's answers: what counts is for the rules to say. */
export class AnswerFold {
	readonly #store: RoomStore;
	readonly #row: RoomRow;
	readonly #news: News[];

	/** @param row is changed; the caller writes it afterwards. @param news takes the answers to the person here */
	constructor(store: RoomStore, row: RoomRow, news: News[]) {
		this.#store = store;
		this.#row = row;
		this.#news = news;
	}

	/** A message of the same author wants an answer (A2). */
	async ask({ seq, at, from }: WireEvent, index: number, id: string): Promise<void> {
		const { account, id: room, assistance } = this.#row;
		const message = await this.#store.entry(room, refOf({ author: from, id }));
		const ref = refOf({ author: ASSISTANT, id });
		if (message?.kind !== 'message' || (await this.#store.entry(room, ref))) return;
		const base = { account, room, seq, index, at, author: ASSISTANT };
		const blank = { text: '', job: newJob(from), made: null, reactions: {} };
		await this.#store.putEntry({ ...base, kind: 'answer', ref, ...blank });
		const [oldest] = assistance.open;
		this.#change({ open: [...assistance.open, id] });
		if (oldest === undefined || assistance.open.length < MOST_OPEN) return;
		const crowded = await answerRow(this.#store, room, oldest);
		if (crowded) await this.#store.putEntry({ ...crowded, job: { ...crowded.job, state: 'over' } });
		this.#close(oldest);
	}

	/** Something is said of an answer (A4 to A6). */
	async advance(op: AnswerOp, by: { account: string; device: string }, seq: number): Promise<void> {
		const entry = await answerRow(this.#store, this.#row.id, op.ask);
		const offers = Object.hasOwn(this.#row.assistance.offers, by.device);
		const job = entry && advance(entry.job, op, { ...by, offers });
		if (!job) return;
		const said = op.t === 'answer' ? { text: op.text, made: op.made } : {};
		await this.#store.putEntry({ ...entry, job, ...said });
		if (job.state === 'over') this.#close(op.ask);
		if (seq > this.#row.read) this.#tell(entry.job, op, by.account);
	}

	offer(model: string | null, by: { account: string; device: string }): void {
		this.#change({ offers: offered(this.#row.assistance.offers, model, by) });
	}

	wish(account: string, every: boolean): void {
		this.#change({ wishes: wished(this.#row.assistance.wishes, { account, every }) });
	}

	/** Accounts were left out at a change of the key. */
	leave(gone: readonly string[]): void {
		const offers = Object.entries(this.#row.assistance.offers);
		this.#change({ offers: Object.fromEntries(offers.filter(([, { account }]) => !gone.includes(account))) });
	}

	/** Whoever asked is told how it ended, once, unless they had it stopped. @param job as it was before */
	#tell({ asker, state }: AnswerRow['job'], op: AnswerOp, by: string): void {
		if (asker !== this.#row.account || state === 'stopping') return;
		if (op.t === 'stop' && by !== asker) this.#news.push({ kind: 'stopped' });
		if (op.t !== 'answer') return;
		const { text, made } = op;
		this.#news.push(made.ending === 'failed' ? { kind: 'unanswered' } : { kind: 'answer', text });
	}

	#close(ask: string): void {
		this.#change({ open: this.#row.assistance.open.filter((id) => id !== ask) });
	}

	#change(change: Partial<RoomRow['assistance']>): void {
		this.#row.assistance = { ...this.#row.assistance, ...change };
	}
}

/** The answer to a message, by that message's id. */
export async function answerRow(store: RoomStore, room: string, id: string): Promise<AnswerRow | undefined> {
	const entry = await store.entry(room, refOf({ author: ASSISTANT, id }));
	return entry?.kind === 'answer' ? entry : undefined;
}
