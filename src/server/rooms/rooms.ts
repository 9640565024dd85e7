import { LIMITS, type WireId } from '#lib/wire/frames.ts';
import type { Bus } from '../bus/bus.ts';
import type { RoomLog } from '../log/log.ts';
import { fingerprint, newId, newSecret } from '../random.ts';
import { RateLimiter, type Rate } from '../rate.ts';
import { Refusal } from '../refusal.ts';
import type { Access, Member, MyRoom, OpenRoom, Role, RoomStore } from './store.ts';

export interface RoomLimits {
	/** New rooms of one account. */
	create: Rate;
	/** Tries to come into a room, by account: codes cannot be guessed, nor rooms swept. */
	join: Rate;
	roomsPerAccount: number;
	membersPerRoom: number;
	invitesPerRoom: number;
	/** Open rooms in one listing. */
	listed: number;
}

export const DEFAULT_ROOM_LIMITS: RoomLimits = {
	create: { burst: 20, every: 60_000 },
	join: { burst: 30, every: 10_000 },
	roomsPerAccount: LIMITS.openRooms,
	membersPerRoom: LIMITS.roomMembers,
	invitesPerRoom: 64,
	listed: 100
};

interface Parts {
	store: RoomStore;
	log: RoomLog;
	bus: Bus;
	now: () => number;
	limits: RoomLimits;
}

/** What an invite lets in: its code travels in the link's fragment, beside the room's key. */
export interface NewInvite {
	code: string;
	uses: number;
	expiresAt: number;
}

/**
 * Rooms and who may do what in them. To whoever is no member a private room does not exist. Removal takes
 * effect at once on all connections; the new key for those who stay is the clients' work.
 */
export class Rooms {
	readonly #parts: Parts;
	readonly #create: RateLimiter;
	readonly #join: RateLimiter;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#create = new RateLimiter(parts.limits.create, parts.now);
		this.#join = new RateLimiter(parts.limits.join, parts.now);
	}

	/** @param id of the client's making. @throws Refusal name-taken (or the id is), too-many-rooms, rate */
	async create(account: WireId, access: Access, id: WireId = newId()): Promise<MyRoom> {
		const { store, now, limits } = this.#parts;
		const wait = this.#create.take(account);
		if (wait > 0) throw new Refusal('rate', wait);
		const room = { id, access, createdAt: now() };
		const outcome = await store.create(room, account, limits.roomsPerAccount);
		if (outcome !== 'created') throw new Refusal(outcome);
		return { ...room, role: 'owner' };
	}

	mine(account: WireId): Promise<MyRoom[]> {
		return this.#parts.store.mine(account);
	}

	/** Open rooms that the account is not in. */
	open(account: WireId, search: string): Promise<OpenRoom[]> {
		return this.#parts.store.open(account, search, this.#parts.limits.listed);
	}

	/** @throws Refusal not-found */
	async room(account: WireId, id: WireId): Promise<MyRoom> {
		const role = await this.#member(id, account);
		const room = await this.#parts.store.room(id);
		if (!room) throw new Refusal('not-found');
		return { ...room, role };
	}

	/** @throws Refusal not-found */
	async members(account: WireId, room: WireId): Promise<Member[]> {
		await this.#member(room, account);
		return this.#parts.store.members(room);
	}

	isMember(account: WireId, room: WireId): Promise<boolean> {
		return this.#parts.store.role(room, account).then((role) => role !== null);
	}

	/** @throws Refusal not-found, already-member, banned, room-full, too-many-rooms, rate */
	async join(account: WireId, room: WireId, code: string | null): Promise<void> {
		const { store, now, limits, bus } = this.#parts;
		const wait = this.#join.take(account);
		if (wait > 0) throw new Refusal('rate', wait);
		const codeHash = code === null ? null : fingerprint(code);
		const most = { members: limits.membersPerRoom, rooms: limits.roomsPerAccount };
		const outcome = await store.join({ room, account, at: now(), codeHash, most });
		if (outcome !== 'joined') throw new Refusal(outcome);
		bus.publish({ kind: 'changed', room });
	}

	/** The room closes behind its last member. @throws Refusal not-found, last-owner */
	async leave(account: WireId, room: WireId): Promise<void> {
		await this.#leave(account, room, false);
	}

	/** Takes an account that is going away out of all its rooms, and empties what it wrote. */
	async forget(account: WireId): Promise<void> {
		const { store, log } = this.#parts;
		for (const { id } of await store.mine(account)) await this.#leave(account, id, true);
		await log.erase(account);
	}

	/** @throws Refusal not-found, not-owner, last-owner (owners leave, they are not removed by themselves) */
	async removeMember(owner: WireId, room: WireId, account: WireId): Promise<void> {
		await this.#owner(room, owner);
		if (owner === account) return this.leave(owner, room);
		const { store, bus } = this.#parts;
		if (!(await store.ban(room, account))) throw new Refusal('not-found');
		bus.publish({ kind: 'ended', room, account, code: 'removed' });
		bus.publish({ kind: 'changed', room });
	}

	/** @throws Refusal not-found, not-owner, last-owner */
	async setRole(owner: WireId, room: WireId, account: WireId, role: Role): Promise<void> {
		await this.#owner(room, owner);
		const outcome = await this.#parts.store.setRole(room, account, role);
		if (outcome === 'last-owner') throw new Refusal('last-owner');
		if (!outcome) throw new Refusal('not-found');
		this.#parts.bus.publish({ kind: 'changed', room });
	}

	/**
	 * Any member may invite. @param life milliseconds the invite is good for
	 * @throws Refusal not-found, too-many-invites
	 */
	async invite(account: WireId, room: WireId, uses: number, life: number): Promise<NewInvite> {
		await this.#member(room, account);
		const { store, now, limits } = this.#parts;
		const code = newSecret();
		const expiresAt = now() + life;
		const invite = { codeHash: fingerprint(code), room, expiresAt, uses };
		if (!(await store.invite(invite, now(), limits.invitesPerRoom))) throw new Refusal('too-many-invites');
		return { code, uses, expiresAt };
	}

	/** @throws Refusal not-found, not-owner */
	async endInvites(owner: WireId, room: WireId): Promise<void> {
		await this.#owner(room, owner);
		await this.#parts.store.endInvites(room);
	}

	/** Ends the room for everybody and removes all that was in it. @throws Refusal not-found, not-owner */
	async close(owner: WireId, room: WireId): Promise<void> {
		await this.#owner(room, owner);
		await this.#parts.store.remove(room);
		await this.#closed(room);
	}

	async #leave(account: WireId, room: WireId, succeed: boolean): Promise<void> {
		const { store, bus } = this.#parts;
		const outcome = await store.leave(room, account, succeed);
		if (outcome === 'not-found' || outcome === 'last-owner') throw new Refusal(outcome);
		bus.publish({ kind: 'ended', room, account, code: 'left' });
		if (outcome === 'closed') await this.#closed(room);
		else bus.publish({ kind: 'changed', room });
	}

	async #closed(room: WireId): Promise<void> {
		// first nobody can write to it any more, then what was written goes
		this.#parts.bus.publish({ kind: 'ended', room, account: null, code: 'closed' });
		await this.#parts.log.drop(room);
	}

	async #member(room: WireId, account: WireId): Promise<Role> {
		const role = await this.#parts.store.role(room, account);
		if (!role) throw new Refusal('not-found');
		return role;
	}

	async #owner(room: WireId, account: WireId): Promise<void> {
		if ((await this.#member(room, account)) !== 'owner') throw new Refusal('not-owner');
	}
}
