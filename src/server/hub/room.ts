import { LIMITS, type EndedCode, type WireEvent, type WireId } from '#lib/wire/frames.ts';
import type { Clock } from '../clock.ts';
import type { Connection } from './connection.ts';
import { eventFrames, frameText, SharedFrame } from './frames.ts';
import { ROOM } from './outlet.ts';
import type { Gathering, Turn } from './turn.ts';

/**
 * Where a connection stands in a room. Its cursor is the only record of what it has: while it is "live"
 * events come to it as they are committed, while it is "behind" they come from the log.
 */
export type Place =
	{ kind: 'asking' } | { kind: 'behind'; after: number } | { kind: 'live'; at: number } | { kind: 'ended' };

export interface Subscription {
	readonly room: LiveRoom;
	readonly connection: Connection;
	place: Place;
}

const PRESENCE_DELAY = 100;
/** Milliseconds that an event may wait for one before it that another process has stored. */
const EARLY = 50;
/** Milliseconds after which a process says again who is here, and after which one is not believed any more. */
const HERE = { again: 15_000, until: 40_000 } as const;

/** Tells the other processes who is here; it may ask them the same. */
export type TellHere = (accounts: WireId[], ask: boolean) => void;

/** A room that somebody has open here: who, what was committed this turn, and how far the log goes. */
export class LiveRoom implements Gathering {
	readonly id: WireId;
	/** The last number that this process knows of. */
	head = 0;
	readonly #turn: Turn;
	readonly #clock: Clock;
	readonly #subscriptions = new Set<Subscription>();
	readonly #tellHere: TellHere;
	#committed: WireEvent[] = [];
	/** The last number that was handed out; 0 when none was. */
	#handed = 0;
	#earlyDue = false;
	/** Who is here at other processes, by process. */
	readonly #elsewhere = new Map<WireId, { accounts: WireId[]; until: number }>();
	#presence = 0;
	#presenceDue = false;
	#told = { accounts: '', at: 0 };

	constructor(id: WireId, turn: Turn, clock: Clock, tellHere: TellHere) {
		this.id = id;
		this.#turn = turn;
		this.#clock = clock;
		this.#tellHere = tellHere;
	}

	get isEmpty(): boolean {
		return this.#subscriptions.size === 0;
	}

	/** Accounts that have it open at this process. */
	get accounts(): WireId[] {
		const inside = [...this.#subscriptions].filter(({ place }) => isIn(place));
		return [...new Set(inside.map(({ connection }) => connection.account))];
	}

	add(subscription: Subscription): void {
		this.#subscriptions.add(subscription);
	}

	remove(subscription: Subscription): void {
		subscription.place = { kind: 'ended' };
		this.#subscriptions.delete(subscription);
		this.presenceChanged();
	}

	/** Takes events that are on disk for the end of the turn. */
	committed(events: readonly WireEvent[]): void {
		this.#committed.push(...events);
		this.head = Math.max(this.head, events.at(-1)?.seq ?? 0);
		this.#turn.gather(this);
	}

	/** What comes before one that is due waits for it a little: two processes' hints may overtake each other. */
	handOut(): void {
		const fresh = this.#committed.filter(({ seq }) => seq > this.#handed).sort((a, b) => a.seq - b.seq);
		const due = runs(fresh);
		const first = due[0]?.[0];
		this.#committed = [];
		if (this.#handed === 0 || first?.seq === this.#handed + 1) this.#handOutRun(due.shift() ?? []);
		if (due.length === 0) return;
		this.#committed = due.flat();
		if (this.#earlyDue) return;
		this.#earlyDue = true;
		this.#clock.after(EARLY, () => this.#handOutAll());
	}

	/** The log goes as far as this: whoever is not there in some milliseconds reads it. */
	advance(head: number, patience: number): void {
		this.head = Math.max(this.head, head);
		this.#clock.after(patience, () => {
			for (const subscription of this.#subscriptions) {
				const { place, connection } = subscription;
				if (place.kind === 'live' && place.at < head) connection.fallBehind(subscription, place.at);
			}
		});
	}

	/** An ephemeral frame for all but one. */
	signal(text: string, except: WireId): void {
		const frame = new SharedFrame(text);
		for (const { connection, place } of this.#subscriptions) {
			if (isIn(place) && connection.id !== except) connection.outlet.offer(frame, ROOM.ephemeral);
		}
	}

	changed(): void {
		const frame = new SharedFrame(frameText({ t: 'changed', room: this.id }));
		for (const { connection, place } of this.#subscriptions) if (isIn(place)) connection.outlet.push(frame);
	}

	/** Ends the room for one account, or for all (null). */
	end(account: WireId | null, code: EndedCode): void {
		for (const subscription of [...this.#subscriptions]) {
			const { connection } = subscription;
			if (account === null || connection.account === account) connection.ended(subscription, code);
		}
	}

	/** Who is here at another process. */
	here(process: WireId, accounts: WireId[]): void {
		const before = this.#elsewhere.get(process)?.accounts ?? [];
		if (accounts.length > 0) {
			this.#elsewhere.set(process, { accounts, until: this.#clock.now() + HERE.until });
		} else this.#elsewhere.delete(process);
		if (before.join() !== accounts.join()) this.presenceChanged();
	}

	/** Says again who is here before the others forget it, and forgets processes that say nothing any more. */
	refreshHere(): void {
		const now = this.#clock.now();
		if (now - this.#told.at >= HERE.again) this.tellHere(false);
		for (const [process, { until }] of this.#elsewhere) if (until <= now) this.here(process, []);
	}

	tellHere(ask: boolean): void {
		const { accounts } = this;
		this.#told = { accounts: accounts.join(), at: this.#clock.now() };
		this.#tellHere(accounts, ask);
	}

	presenceChanged(): void {
		if (this.#presenceDue) return;
		this.#presenceDue = true;
		this.#clock.after(PRESENCE_DELAY, () => this.#sendPresence());
	}

	#sendPresence(): void {
		this.#presenceDue = false;
		const { accounts } = this;
		if (accounts.join() !== this.#told.accounts) this.tellHere(false);
		const elsewhere = [...this.#elsewhere.values()].flatMap((other) => other.accounts);
		const here = [...new Set([...accounts, ...elsewhere])].slice(0, LIMITS.roomMembers);
		this.#presence++;
		const presence = frameText({ t: 'presence', room: this.id, n: this.#presence, here });
		const frame = new SharedFrame(presence);
		for (const { connection, place } of this.#subscriptions) {
			if (isIn(place)) connection.outlet.offer(frame, ROOM.ephemeral);
		}
	}

	/** What was waited for did not come: whoever lacks it reads the log. */
	#handOutAll(): void {
		this.#earlyDue = false;
		const due = runs(this.#committed.filter(({ seq }) => seq > this.#handed));
		this.#committed = [];
		for (const run of due) this.#handOutRun(run);
	}

	#handOutRun(run: readonly WireEvent[]): void {
		const first = run[0]?.seq ?? 0;
		this.#handed = run.at(-1)?.seq ?? this.#handed;
		const frames = eventFrames(this.id, run);
		for (const subscription of this.#subscriptions) {
			const { place, connection } = subscription;
			if (place.kind !== 'live') continue;
			if (place.at === first - 1) this.#give(subscription, frames);
			// a hint was lost, or it overlaps with what came from the log
			else if (place.at < (run.at(-1)?.seq ?? 0)) connection.fallBehind(subscription, place.at);
		}
	}

	#give(subscription: Subscription, frames: readonly { frame: SharedFrame; last: number }[]): void {
		for (const { frame, last } of frames) {
			const { place, connection } = subscription;
			if (place.kind !== 'live') return;
			if (connection.outlet.offer(frame, ROOM.events)) subscription.place = { kind: 'live', at: last };
			else connection.fallBehind(subscription, place.at);
		}
	}
}

function isIn({ kind }: Place): boolean {
	return kind === 'live' || kind === 'behind';
}

/**
 * Splits events, in their order, into runs without a gap and without a double; there is more than one only when
 * messages of the bus are late or lost.
 */
function runs(events: readonly WireEvent[]): WireEvent[][] {
	const found: WireEvent[][] = [];
	for (const event of events) {
		const run = found.at(-1);
		const last = run?.at(-1)?.seq ?? 0;
		if (event.seq === last) continue;
		if (run && last === event.seq - 1) run.push(event);
		else found.push([event]);
	}
	return found;
}
