import { LIMITS, type ClientFrame, type EndedCode, type NackCode, type WireId } from '#lib/wire/frames.ts';
import type { Session } from '../accounts/store.ts';
import { LogError, type LogErrorKind } from '../log/log.ts';
import type { Hub } from '../hub.ts';
import { eventFrames, eventText, frameText } from './frames.ts';
import { ROOM, type Outlet } from './outlet.ts';
import type { Subscription } from './room.ts';

/** What a member's connection may say once it has said hello. */
export type MemberFrame = Exclude<ClientFrame, { t: 'hello' }>;

const PAGE = { events: LIMITS.pageEvents, chars: LIMITS.pageChars } as const;

/** Milliseconds after which a client may try again what the log could not store. */
const RETRY = 1_000;

/** What a client is told of an event that was not stored (S5). */
const NACKS: Record<LogErrorKind, NackCode> = {
	full: 'full',
	busy: 'busy',
	unavailable: 'busy',
	closed: 'unknown'
};

/** One device of an account that is logged in: the rooms it has open and how far it is in each. */
export class Connection {
	readonly id: WireId;
	readonly session: Session;
	readonly outlet: Outlet;
	readonly #hub: Hub;
	readonly #open = new Map<WireId, Subscription>();
	#behind: Subscription[] = [];
	#catchingUp = false;
	#gone = false;

	constructor(id: WireId, session: Session, outlet: Outlet, hub: Hub) {
		this.id = id;
		this.session = session;
		this.outlet = outlet;
		this.#hub = hub;
	}

	get account(): WireId {
		return this.session.account;
	}

	/** Does what a frame asks; the next frame of this connection waits for what is returned. */
	async handle(frame: MemberFrame): Promise<void> {
		// one that does not take its answers gets no more of them until it does
		if (this.outlet.outstanding > ROOM.answers) await this.outlet.below(ROOM.page);
		switch (frame.t) {
			case 'open':
				return this.#openRoom(frame.room, frame.after);
			case 'close':
				return this.#close(frame.room);
			case 'read':
				return this.#read(frame.room, frame.after, frame.limit);
			case 'send':
				return this.#send(frame.room, frame.id, frame.body);
			case 'signal':
				return this.#signal(frame.room, frame.n, frame.body);
			case 'ping':
				return this.outlet.push(frameText({ t: 'pong', n: frame.n }));
		}
	}

	/** The socket is gone, or is to go. */
	end(): void {
		this.#gone = true;
		this.outlet.end();
		for (const subscription of this.#open.values()) this.#hub.leave(subscription);
		this.#open.clear();
		this.#behind = [];
	}

	/** A room ended for this connection (C3, C6, C7, L4). */
	ended(subscription: Subscription, code: EndedCode): void {
		const { id } = subscription.room;
		if (this.#open.get(id) === subscription) this.#open.delete(id);
		this.#hub.leave(subscription);
		this.outlet.push(frameText({ t: 'ended', room: id, code }));
	}

	/** From now on events come from the log, until it is level again (L2). */
	fallBehind(subscription: Subscription, after: number): void {
		subscription.place = { kind: 'behind', after };
		this.#behind.push(subscription);
		if (!this.#catchingUp) this.#catchUp().catch((error: unknown) => this.#hub.failed(this, error));
	}

	async #openRoom(id: WireId, after: number): Promise<void> {
		const known = this.#open.get(id);
		if (!known && this.#open.size >= LIMITS.openRooms) {
			return this.outlet.push(frameText({ t: 'ended', room: id, code: 'limit' }));
		}
		// before anything is asked: who is removed meanwhile is removed here too
		const subscription = known ?? this.#hub.join(id, this);
		this.#open.set(id, subscription);
		const head = await this.#hub.admit(subscription);
		if (this.#gone || subscription.place.kind === 'ended') return;
		if (head === null) return this.ended(subscription, 'unknown');
		this.#behind = this.#behind.filter((other) => other !== subscription);
		this.fallBehind(subscription, Math.min(after, head));
		if (!known) subscription.room.presenceChanged();
	}

	#close(id: WireId): void {
		const subscription = this.#open.get(id);
		if (subscription) this.ended(subscription, 'left');
		else this.outlet.push(frameText({ t: 'ended', room: id, code: 'unknown' }));
	}

	async #read(id: WireId, after: number, limit: number): Promise<void> {
		const subscription = this.#open.get(id);
		if (!subscription) return this.outlet.push(frameText({ t: 'ended', room: id, code: 'unknown' }));
		await this.outlet.below(ROOM.page);
		const events = await this.#hub.log.read(id, after, { events: limit, chars: PAGE.chars });
		const head = Math.max(subscription.room.head, events.at(-1)?.seq ?? 0);
		// who was removed while the log was read sees nothing of it
		if (subscription.place.kind === 'ended') return;
		const list = events.map(eventText).join(',');
		this.outlet.push(`{"t":"page","room":"${id}","after":${after},"head":${head},"events":[${list}]}`);
	}

	#send(room: WireId, id: WireId, body: string): void {
		if (!this.#open.has(room)) {
			return this.outlet.push(frameText({ t: 'nack', room, id, code: 'unknown', wait: 0 }));
		}
		const wait = this.#hub.sends.take(this.account);
		if (wait > 0) return this.outlet.push(frameText({ t: 'nack', room, id, code: 'rate', wait }));
		// not waited for: all that a turn brings is one commit, and the log keeps the order (S8)
		this.#hub.append({ room, from: this.account, id, body }).then(
			({ seq, at }) => this.outlet.push(frameText({ t: 'ack', room, id, seq, at })),
			(error: unknown) => {
				const code = error instanceof LogError ? NACKS[error.kind] : 'busy';
				this.outlet.push(frameText({ t: 'nack', room, id, code, wait: code === 'unknown' ? 0 : RETRY }));
			}
		);
	}

	#signal(room: WireId, n: number, body: string): void {
		if (!this.#open.has(room) || this.#hub.signals.take(this.account) > 0) return;
		this.#hub.signal({ room, from: this.account, connection: this.id, n, body });
	}

	/** Room by room, a page each, as fast as the client takes them. */
	async #catchUp(): Promise<void> {
		this.#catchingUp = true;
		try {
			for (let next = this.#behind.shift(); next; next = this.#behind.shift()) {
				await this.outlet.below(ROOM.page);
				if (this.#gone) return;
				if (next.place.kind === 'behind' && !(await this.#page(next, next.place))) this.#behind.push(next);
			}
		} finally {
			this.#catchingUp = false;
		}
	}

	/** @returns whether there is no more to do for this room */
	async #page(subscription: Subscription, place: { kind: 'behind'; after: number }): Promise<boolean> {
		const { room } = subscription;
		const { head } = room;
		const events = await this.#hub.log.read(room.id, place.after, PAGE);
		// opened anew, removed or gone meanwhile: this page is nobody's
		if (subscription.place !== place || this.#gone) return true;
		for (const { frame } of eventFrames(room.id, events)) this.outlet.push(frame);
		const at = events.at(-1)?.seq ?? place.after;
		room.head = Math.max(room.head, at);
		const level = at >= room.head || (events.length === 0 && room.head === head);
		if (!level) {
			subscription.place = { kind: 'behind', after: at };
			return false;
		}
		subscription.place = { kind: 'live', at };
		this.outlet.push(frameText({ t: 'level', room: room.id, seq: at }));
		return true;
	}
}
