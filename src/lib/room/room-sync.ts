import type { RoomRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { Clock, Link } from '#lib/link/link.ts';
import { fromBase64url, toBase64url } from '#lib/seal/bytes.ts';
import type { Device } from '#lib/seal/device.ts';
import type { Check } from '#lib/seal/device-keys.ts';
import type { Random } from '#lib/seal/keys.ts';
import type { EndedCode, ServerFrame, WireEvent, WireId } from '#lib/wire/frames.ts';
import { Assist, type RoomEngine } from './assist.ts';
import { Company } from './company.ts';
import type { Draft } from './drafts.ts';
import { Fold, type News } from './fold.ts';
import { Judge, type Judged } from './judge.ts';
import { depart, readWish } from './outgoing.ts';
import type { Signal } from './payload.ts';
import { blanked, READER_VERSION } from './rows.ts';
import { type HeardSignal, Signals } from './signals.ts';

/** What the leading tab tells the others about a room; none of it is stored. */
export interface RoomLive {
	/** All that the server has is here. */
	level: boolean;
	/** Accounts that have the room open. */
	here: string[];
	/** Accounts that are writing. */
	typing: string[];
	/** Answers that are being written, by the messages they answer. */
	drafts: Record<string, Draft>;
}

export interface SyncEnvironment {
	store: RoomStore;
	link: Link;
	clock: Clock;
	random: Random;
	/** Checks signatures elsewhere than in this thread. */
	check?: Check | undefined;
	/** A number in [0, 1). */
	chance(): number;
	engine: RoomEngine;
	device: Device;
	/** The account's name. */
	name: string;
	report(error: unknown): void;
	/** `live` has changed. */
	changed(): void;
	news(room: string, title: string | null, news: News[]): void;
	/** The room is level, or its members changed: they are to be asked for. */
	stale(room: string): void;
}

const NOTHING: RoomLive = { level: false, here: [], typing: [], drafts: {} };

type RoomFrame = Extract<ServerFrame, { room: WireId }>;

/** Milliseconds. */
const SEEN_WAITS = 1_000;
const TRY_AGAIN = 1_000;

/**
 * One room of the leading tab: takes in what the log says, in its order and without a gap, and sends what waits,
 * one envelope at a time. All that touches the store happens one after the other.
 */
export class RoomSync {
	readonly id: string;
	readonly #env: SyncEnvironment;
	#queue: Promise<void> = Promise.resolve();
	#judge: Judge | null = null;
	#cursor = 0;
	#ended = true;
	#live: RoomLive = NOTHING;
	readonly #assist: Assist;
	/** The envelope that was sent over this connection. */
	#sent: string | null = null;
	readonly #company: Company;
	readonly #signals: Signals;
	readonly #timers = new Map<'door' | 'pump', () => void>();
	#rolledBack = false;
	#closed = false;

	constructor(id: string, env: SyncEnvironment) {
		this.id = id;
		this.#env = env;
		const { store, link, clock, random, chance, engine, device } = env;
		this.#company = new Company(clock, () => this.#set({}));
		this.#signals = new Signals(id, {
			...{ store, link, device, random },
			report: (error) => env.report(error),
			judge: () => this.#judge,
			now: () => this.#live,
			heard: (signal) => this.#hear(signal)
		});
		this.#assist = new Assist(id, {
			...{ store, clock, random, chance, engine, device: toBase64url(device.id) },
			say: (signal) => this.tell(signal),
			changed: () => this.#set({ drafts: this.#assist.drafts }),
			look: () => this.#do(() => this.#look())
		});
	}

	get live(): RoomLive {
		return this.#live;
	}

	/** The devices and keys as the log has them; null as long as they were not read. */
	get judge(): Judge | null {
		return this.#judge;
	}

	/** Resolves when all that was heard so far is taken in. */
	get settled(): Promise<void> {
		return this.#queue;
	}

	/** Goes on from where it is, over a connection that is new. */
	open(): void {
		this.#company.forget();
		this.#set({ level: false });
		this.#signals.forget();
		this.#do(async () => {
			if (!this.#judge) await this.#load();
			this.#enter();
		});
	}

	/** The connection is gone. */
	lost(): void {
		this.#sent = null;
		this.#company.forget();
		this.#set({ level: false });
	}

	/** The room's row was changed, perhaps by another tab: it may begin anew, or be open again. */
	noticed({ cursor, ended }: RoomRow): void {
		if (this.#judge && cursor === this.#cursor && (ended !== null) === this.#ended) return;
		this.#do(async () => {
			const row = await this.#env.store.room(this.id);
			if (!row || (this.#judge && row.cursor === this.#cursor && (row.ended !== null) === this.#ended))
				return;
			await this.#load();
			this.#enter();
		});
	}

	/** Something waits in the outbox. */
	kick(): void {
		this.#do(() => this.#pump());
	}

	/** What this device writes for the room is further. */
	worked(): void {
		this.#do(() => this.#look());
	}

	receive(frame: RoomFrame): void {
		switch (frame.t) {
			case 'events':
				this.#judge?.prepare(frame.events);
				return this.#do(() => this.#take(frame.events));
			case 'level':
				return this.#do(() => this.#level(frame.seq));
			case 'nack':
				return this.#nack(frame.id, frame.code === 'unknown' ? null : frame.wait);
			case 'ended':
				return this.#do(() => this.#end(frame.code));
			case 'changed':
				return this.#env.stale(this.id);
			case 'presence':
				return this.#company.present(frame.n, frame.here);
			case 'signal':
				return this.#signals.receive(frame);
			// what was stored comes as an event too, and only then has its number (S4, S6)
			case 'ack':
			case 'page':
		}
	}

	/** Says something to the others that is not kept. */
	tell(signal: Signal): void {
		this.#signals.tell(signal);
	}

	close(): void {
		this.#closed = true;
		this.#assist.close();
		for (const end of this.#timers.values()) end();
		this.#company.close();
	}

	/** One piece of work after the other; one that fails is told, and the room read anew. */
	#do(work: () => Promise<void>): void {
		this.#queue = this.#queue.then(async () => {
			if (this.#closed) return;
			try {
				await work();
			} catch (error) {
				this.#env.report(error);
				this.#judge = null;
				this.#later('door', TRY_AGAIN, () => this.open());
			}
		});
	}

	#later(what: 'door' | 'pump', milliseconds: number, work: () => void): void {
		this.#timers.get(what)?.();
		if (!this.#closed) this.#timers.set(what, this.#env.clock.after(milliseconds, work));
	}

	async #load(): Promise<void> {
		const { store, device, check } = this.#env;
		let row = await store.room(this.id);
		if (!row) return;
		// read by an earlier version, which may not have known what it read
		if (row.version !== READER_VERSION) row = await this.#blank(row);
		const secrets = await store.keys(this.id);
		this.#judge = await Judge.of({ room: this.id, access: row.access, device, check }, row.book, secrets);
		this.#cursor = row.cursor;
		this.#ended = row.ended !== null;
		this.#rolledBack = row.rolledBack !== null;
		await this.#look();
	}

	/** The log has said something of the model's answers, or the engine here has. */
	async #look(): Promise<void> {
		if (!this.#ended && !this.#rolledBack) await this.#assist.look(this.#live.level);
	}

	/** Forgets what was taken in, to take it in anew. */
	#blank(row: RoomRow): Promise<RoomRow> {
		const { store } = this.#env;
		return store.change(async () => {
			const blank = blanked(row);
			await store.clearEntries(row.id);
			await store.putRoom(blank);
			return blank;
		});
	}

	/** The only way in: everything after what is here, then what comes (C1). */
	#enter(): void {
		if (!this.#judge || this.#ended) return;
		this.#sent = null;
		this.#set({ level: false });
		this.#env.link.send({ t: 'open', room: this.id, after: this.#cursor });
	}

	/** At leisure, so that a server that goes on saying something wrong is not asked without end. */
	#enterLater(): void {
		this.#later('door', TRY_AGAIN, () => this.#do(async () => this.#enter()));
	}

	async #take(all: readonly WireEvent[]): Promise<void> {
		const judge = this.#rolledBack ? null : this.#judge;
		const events = all.filter(({ seq }) => seq > this.#cursor);
		if (!judge || this.#ended || events.length === 0) return;
		if (events.some(({ seq }, index) => seq !== this.#cursor + 1 + index)) {
			// nothing is taken in out of its order: it is asked for once more
			this.#set({ level: false });
			return this.#enterLater();
		}
		const judged = await judge.judge(events);
		const past = await this.#past(judge, judged);
		const news = await this.#write(judge, judged);
		if (!news) {
			await this.#load();
			return this.#enter();
		}
		this.#cursor = events.at(-1)?.seq ?? this.#cursor;
		this.#company.spoke(events.map(({ from }) => from));
		if (past) return this.#again();
		await this.#look();
		if (news.news.length > 0 && this.#live.level) this.#env.news(this.id, news.title, news.news);
		await this.#pump();
	}

	/** Takes the keys of earlier epochs (D5). @returns whether there were any */
	async #past(judge: Judge, judged: readonly Judged[]): Promise<boolean> {
		const before = judge.learned.length;
		for (const { verdict } of judged) {
			if (verdict.kind !== 'ops') continue;
			for (const op of verdict.ops) {
				if (op.t !== 'past') continue;
				for (const { epoch, secret } of op.secrets) {
					const bytes = fromBase64url(secret);
					if (bytes && epoch < judge.book.epoch) await judge.learn({ epoch, secret: bytes });
				}
			}
		}
		return judge.learned.length > before;
	}

	/** @returns null when somebody else changed the room meanwhile */
	#write(judge: Judge, judged: readonly Judged[]): Promise<{ title: string | null; news: News[] } | null> {
		const { store } = this.#env;
		return store.change(async () => {
			const row = await store.room(this.id);
			if (!row || row.cursor !== this.#cursor) return null;
			const fold = new Fold(store, row);
			await fold.take(judged, await store.flight(this.id));
			row.book = { ...judge.book, seen: row.book.seen };
			const room = this.id;
			await store.addKeys(judge.learned.splice(0).map((secret) => ({ room, ...secret })));
			await store.putRoom(row);
			return { title: row.title, news: fold.news };
		});
	}

	/** Keys came for what could not be read. */
	async #again(): Promise<void> {
		const row = await this.#env.store.room(this.id);
		if (row) await this.#blank(row);
		await this.#load();
		this.#enter();
	}

	async #level(seq: number): Promise<void> {
		if (!this.#judge || this.#ended || this.#rolledBack) return;
		if (seq > this.#cursor) return this.#enterLater();
		const { store, stale } = this.#env;
		if (seq < this.#cursor) {
			// it lost what it acknowledged, or hides it: what comes now is another history
			this.#rolledBack = true;
			return void (await store.change(() => store.patch(this.id, { rolledBack: seq })));
		}
		this.#set({ level: true });
		stale(this.id);
		this.#assist.again();
		await this.#look();
		await this.#pump();
	}

	/** Sends what waits, unless something is under way. */
	async #pump(): Promise<void> {
		const judge = this.#judge;
		if (!judge?.key || !this.#live.level || this.#env.link.state.kind !== 'on') return;
		const flight = (await this.#env.store.flight(this.id)) ?? (await this.#next(judge));
		if (!flight || this.#sent === flight.id) return;
		this.#sent = flight.id;
		this.#env.link.send({ t: 'send', room: this.id, id: flight.id, body: flight.body });
	}

	async #next(judge: Judge) {
		const { store, name, device, random, clock } = this.#env;
		const waiting = await store.outbox(this.id);
		if (waiting.length === 0 && judge.isKnown) return null;
		// what was seen goes with something else that is said, or after a little while
		if (waiting.length > 0 && waiting.every(({ op }) => readWish(op)?.t === 'seen')) {
			const age = Math.abs(clock.now() - (waiting[0]?.at ?? 0));
			if (age < SEEN_WAITS) {
				this.#later('pump', SEEN_WAITS - age, () => this.kick());
				return null;
			}
		}
		const secrets = await store.keys(this.id);
		const desk = { account: store.account, room: this.id, name, device, secrets, random };
		const { flight, needless } = await depart(judge, waiting, desk);
		await store.change(async () => {
			await store.removeFromOutbox(this.id, needless);
			if (flight) await store.putFlight(flight);
		});
		return flight;
	}

	/** Not stored (S5): the same envelope is sent again, later, or through the door. */
	#nack(id: string, wait: number | null): void {
		if (this.#sent !== id) return;
		this.#sent = null;
		if (wait === null) this.#do(async () => this.#enter());
		else this.#later('pump', Math.max(wait, 100), () => this.kick());
	}

	async #end(why: EndedCode): Promise<void> {
		if (why === 'limit') throw new Error('the server takes no more open rooms');
		const { store } = this.#env;
		this.#ended = true;
		this.#assist.close();
		this.#company.forget();
		this.#set(NOTHING);
		await store.change(() => store.patch(this.id, { ended: why }));
	}

	#hear({ from, device, signal }: HeardSignal): void {
		if (signal.t === 'typing') this.#company.types(from, signal.on);
		else if (signal.t !== 'unknown') this.#assist.hear(device, signal);
	}

	#set(changes: Partial<Pick<RoomLive, 'level' | 'drafts'>>): void {
		const { here, typing } = this.#company;
		this.#live = { ...this.#live, ...changes, here, typing };
		this.#env.changed();
	}
}
