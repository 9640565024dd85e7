import type { EntryRow, RoomJobRow, RoomRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { Clock } from '#lib/link/link.ts';
import { toBase64url } from '#lib/seal/bytes.ts';
import type { Random } from '#lib/seal/keys.ts';
import { MOST_CLAIMS } from './answers.ts';
import { type Draft, Drafts } from './drafts.ts';
import { answerRow } from './fold-answers.ts';
import { readWish, type Wish } from './outgoing.ts';
import type { Signal } from './payload.ts';
import { Stream } from './stream.ts';
import { answerOf, fitLine, talkBefore } from './talk.ts';

/** This device's one engine, as the rooms use it. Answers are handed over as rows of the history. */
export interface RoomEngine {
	/** The name of the model that is in use, if it is here and could answer. */
	model(): Promise<string | undefined>;
	/** An answer waits in the history. */
	wake(): void;
	/** Follows the text of one that is being written. @returns the function that ends it */
	watch(job: string, onText: (text: string) => void): () => void;
}

export interface AssistEnvironment {
	store: RoomStore;
	clock: Clock;
	random: Random;
	/** A number in [0, 1). */
	chance(): number;
	engine: RoomEngine;
	/** This device's Ed25519 key. */
	device: string;
	/** Says something to the others, if they can hear it now. */
	say(signal: Signal): void;
	/** What is shown of an answer has changed. */
	changed(): void;
	/** Has `look` called, among all else that touches the store. */
	look(): void;
}

type AnswerRow = Extract<EntryRow, { kind: 'answer' }>;

/** Most milliseconds that a host waits before it takes on what somebody else asked, so that not all do at once. */
const JITTER = 400;
/** Milliseconds after which a host without a model looks whether there is one. */
const NO_MODEL = 5_000;

/**
 * The model's answers in one room, on the leading tab: hears those that others write, takes on what waits if this
 * device offers its model, and tells the room what the engine here writes.
 */
export class Assist {
	readonly #room: string;
	readonly #env: AssistEnvironment;
	readonly #drafts: Drafts;
	/** What this device writes, by its claims. */
	readonly #streams = new Map<string, { stream: Stream; end: () => void }>();
	/** When something that waits may be taken on. */
	readonly #due = new Map<string, number>();
	#timer: () => void = () => undefined;

	constructor(room: string, env: AssistEnvironment) {
		this.#room = room;
		this.#env = env;
		this.#drafts = new Drafts({
			clock: env.clock,
			changed: () => env.changed(),
			stalled: () => env.look(),
			want: (claim, offset) => env.say({ t: 'want', claim, offset })
		});
	}

	/** What is being written, by the messages that are answered. */
	get drafts(): Record<string, Draft> {
		return this.#drafts.all;
	}

	hear(device: string, signal: Signal): void {
		if (signal.t === 'draft') this.#drafts.hear(device, signal);
		if (signal.t === 'want') this.#streams.get(signal.claim)?.stream.rewind(signal.offset);
	}

	/** The connection is new: whoever was silent was so for this device only. */
	again(): void {
		this.#drafts.again();
	}

	/** Looks at what the log and the engine have now. @param level whether all of the log is here */
	async look(level: boolean): Promise<void> {
		const { store, device } = this.#env;
		const row = await store.room(this.#room);
		if (!row) return;
		const answers: AnswerRow[] = [];
		for (const id of row.assistance.open) {
			const answer = await answerRow(store, this.#room, id);
			if (answer) answers.push(answer);
		}
		this.#drafts.follow(
			answers.flatMap(({ ref, job: { claim } }) =>
				claim ? [{ ask: idOf(ref), claim, mine: claim.device === device }] : []
			)
		);
		const mine = answers.filter(({ job }) => job.claim?.device === device);
		await this.#serve(row, mine);
		if (level && row.ended === null && mine.length === 0) await this.#takeOn(row, answers);
	}

	close(): void {
		this.#timer();
		this.#drafts.close();
		for (const claim of [...this.#streams.keys()]) this.#silence(claim);
	}

	/** Has the engine write what this device has taken on, and tells the room when it is written. */
	async #serve(row: RoomRow, mine: readonly AnswerRow[]): Promise<void> {
		const { store, engine } = this.#env;
		if (mine.length === 0 && (await store.jobs()).length === 0) return;
		const jobs = await store.change(async () => {
			const live = new Set(mine.map(({ job }) => job.claim?.id ?? ''));
			for (const { id, room } of await store.jobs())
				if (room === this.#room && !live.has(id)) await store.removeJob(id);
			const said = await this.#waiting();
			for (const answer of mine) await this.#keep(row, answer, said);
			return (await store.jobs()).filter(({ room }) => room === this.#room);
		});
		for (const claim of [...this.#streams.keys()])
			if (!jobs.some(({ id }) => id === claim)) this.#silence(claim);
		for (const { id, ask, text } of jobs) this.#tell(id, ask, text);
		if (jobs.length > 0) engine.wake();
	}

	/** Within a transaction: brings an answer's job to where the answer is. */
	async #keep(row: RoomRow, answer: AnswerRow, said: readonly Wish[]): Promise<void> {
		const { store } = this.#env;
		const ask = idOf(answer.ref);
		const id = answer.job.claim?.id ?? '';
		if (said.some((op) => op.t === 'answer' && op.claim === id)) return;
		const stop = answer.job.state === 'stopping';
		const job = (await store.jobs()).find((one) => one.id === id);
		if (job?.state.kind === 'ended') {
			await store.addToOutbox(this.#room, answerOf(job, job.state.made));
			await store.removeJob(id);
		} else if (!job) {
			const base = { id, account: row.account, room: this.#room, ask, since: store.now(), stop };
			const talk = await talkBefore(store, row, answer);
			const model = row.assistance.offers[this.#env.device]?.model ?? '';
			const blank: RoomJobRow = {
				...base,
				...{ model, talk, text: this.#drafts.text(ask), state: { kind: 'queued' } }
			};
			await store.putJob(blank);
		} else if (stop && !job.stop) await store.putJob({ ...job, stop });
	}

	/** What waits to be said in this room. */
	async #waiting(): Promise<Wish[]> {
		const rows = await this.#env.store.outbox(this.#room);
		return rows.flatMap(({ op }) => readWish(op) ?? []);
	}

	#tell(claim: string, ask: string, text: string): void {
		if (this.#streams.has(claim)) return;
		const { clock, engine, say } = this.#env;
		const stream = new Stream(claim, text, clock, say);
		const end = engine.watch(claim, (now) => {
			stream.set(now);
			this.#drafts.own(ask, now);
		});
		this.#streams.set(claim, { stream, end });
	}

	#silence(claim: string): void {
		const one = this.#streams.get(claim);
		one?.end();
		one?.stream.close();
		this.#streams.delete(claim);
	}

	/** Takes on the oldest answer that nobody writes, if this device offers its model and is free. */
	async #takeOn(row: RoomRow, answers: readonly AnswerRow[]): Promise<void> {
		const { store, engine, device, random } = this.#env;
		const offer = row.assistance.offers[device];
		const free = answers.filter(({ ref, job }) => {
			const left = job.claim === null || this.#drafts.isStalled(idOf(ref));
			return left && job.claims < MOST_CLAIMS;
		});
		for (const ref of this.#due.keys()) if (!free.some((one) => one.ref === ref)) this.#due.delete(ref);
		const next = free.find((one) => this.#isDue(row, one));
		if (!offer || !next || (await store.jobs()).length > 0) return;
		const said = await this.#waiting();
		if (said.some(({ t }) => t === 'claim' || t === 'offer')) return;
		const name = await engine.model();
		if (name === undefined) return this.#later(NO_MODEL);
		const model = fitLine(name);
		const ask = idOf(next.ref);
		const id = toBase64url(random(16));
		await store.change(async () => {
			if (model !== offer.model) await store.addToOutbox(this.#room, { t: 'offer', model });
			await store.addToOutbox(this.#room, { t: 'claim', id, ask, over: next.job.claim?.id ?? null });
		});
	}

	/** Who asked is first; the others come one after the other. */
	#isDue(row: RoomRow, { ref, job }: AnswerRow): boolean {
		const { clock, chance } = this.#env;
		const now = clock.now();
		const due = this.#due.get(ref) ?? now + (job.asker === row.account ? 0 : chance() * JITTER);
		this.#due.set(ref, due);
		// a clock that was set back must not keep it waiting
		const left = Math.min(due - now, JITTER);
		if (left > 0) this.#later(left);
		return left <= 0;
	}

	#later(milliseconds: number): void {
		this.#timer();
		this.#timer = this.#env.clock.after(milliseconds, () => this.#env.look());
	}
}

/** The message that an answer belongs to. */
function idOf(ref: string): string {
	return ref.slice(ref.indexOf(':') + 1);
}
