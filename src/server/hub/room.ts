import type { EndedCode, WireEvent, WireId } from '#lib/wire/frames.ts';
import type { Clock } from '../clock.ts';
import type { Connection } from './connection.ts';
import { eventFrames, frameText } from './frames.ts';
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

/** A room that somebody has open here: who, what was committed this turn, and how far the log goes. */
export class LiveRoom implements Gathering {
	readonly id: WireId;
	/** The last number that this process knows of. */
	head = 0;
	readonly #turn: Turn;
	readonly #clock: Clock;
	readonly #subscriptions = new Set<Subscription>();
	#committed: WireEvent[] = [];
	#presence = 0;
	#presenceDue = false;

	constructor(id: WireId, turn: Turn, clock: Clock) {
		this.id = id;
		this.#turn = turn;
		this.#clock = clock;
	}

	get isEmpty(): boolean {
		return this.#subscriptions.size === 0;
	}

	add(subscription: Subscription): void {
		this.#subscriptions.add(subscription);
	}

	remove(subscription: Subscription): void {
		subscription.place = { kind: 'ended' };
		this.#subscriptions.delete(subscription);
		this.presenceChanged();
	}

	/** Takes events that are on disk, in order and without a gap, for the end of the turn. */
	committed(events: readonly WireEvent[]): void {
		this.#committed.push(...events);
		this.head = Math.max(this.head, events.at(-1)?.seq ?? 0);
		this.#turn.gather(this);
	}

	handOut(): void {
		const events = this.#committed;
		this.#committed = [];
		for (const run of runs(events)) this.#handOutRun(run);
	}

	/** An ephemeral frame for all but one. */
	signal(frame: string, except: WireId): void {
		for (const { connection, place } of this.#subscriptions) {
			if (isIn(place) && connection.id !== except) connection.outlet.offer(frame, ROOM.ephemeral);
		}
	}

	changed(): void {
		const frame = frameText({ t: 'changed', room: this.id });
		for (const { connection, place } of this.#subscriptions) if (isIn(place)) connection.outlet.push(frame);
	}

	/** Ends the room for one account, or for all (null). */
	end(account: WireId | null, code: EndedCode): void {
		for (const subscription of [...this.#subscriptions]) {
			const { connection } = subscription;
			if (account === null || connection.account === account) connection.ended(subscription, code);
		}
	}

	presenceChanged(): void {
		if (this.#presenceDue) return;
		this.#presenceDue = true;
		this.#clock.after(PRESENCE_DELAY, () => this.#sendPresence());
	}

	#sendPresence(): void {
		this.#presenceDue = false;
		const inside = [...this.#subscriptions].filter(({ place }) => isIn(place));
		const here = [...new Set(inside.map(({ connection }) => connection.account))];
		this.#presence++;
		const frame = frameText({ t: 'presence', room: this.id, n: this.#presence, here });
		for (const { connection } of inside) connection.outlet.offer(frame, ROOM.ephemeral);
	}

	#handOutRun(run: readonly WireEvent[]): void {
		const first = run[0]?.seq ?? 0;
		const frames = eventFrames(this.id, run);
		for (const subscription of this.#subscriptions) {
			const { place, connection } = subscription;
			if (place.kind !== 'live') continue;
			if (place.at === first - 1) this.#give(subscription, frames);
			// a hint was lost, or it overlaps with what came from the log
			else if (place.at < (run.at(-1)?.seq ?? 0)) connection.fallBehind(subscription, place.at);
		}
	}

	#give(subscription: Subscription, frames: readonly { text: string; last: number }[]): void {
		for (const { text, last } of frames) {
			const { place, connection } = subscription;
			if (place.kind !== 'live') return;
			if (connection.outlet.offer(text, ROOM.events)) subscription.place = { kind: 'live', at: last };
			else connection.fallBehind(subscription, place.at);
		}
	}
}

function isIn({ kind }: Place): boolean {
	return kind === 'live' || kind === 'behind';
}

/** Splits events into runs without a gap; there is more than one only when messages of the bus were lost. */
function runs(events: readonly WireEvent[]): WireEvent[][] {
	const found: WireEvent[][] = [];
	for (const event of events) {
		const run = found.at(-1);
		if (run && run.at(-1)?.seq === event.seq - 1) run.push(event);
		else found.push([event]);
	}
	return found;
}
