import type { WireId } from '#lib/wire/frames.ts';
import { DatabaseError, text, whole, type Row } from '../database.ts';
import { migratePostgres, type Ask, type Postgres } from '../postgres.ts';
import { roomNameKey } from './name.ts';
import type {
	Access,
	Invite,
	Join,
	Joined,
	Left,
	Member,
	MyRoom,
	OpenRoom,
	Outsider,
	Place,
	Role,
	Room,
	RoomStore
} from './store.ts';

const STEPS = [
	`CREATE TABLE room (
		id text COLLATE "C" PRIMARY KEY,
		name text,
		name_key text COLLATE "C" UNIQUE,
		key text,
		created_at int8 NOT NULL,
		CHECK ((name IS NULL) = (key IS NULL) AND (name IS NULL) = (name_key IS NULL))
	);
	CREATE TABLE member (
		room text COLLATE "C" NOT NULL REFERENCES room (id) ON DELETE CASCADE,
		account text COLLATE "C" NOT NULL REFERENCES account (id),
		owner boolean NOT NULL,
		joined_at int8 NOT NULL,
		PRIMARY KEY (room, account)
	);
	CREATE INDEX member_of ON member (account, room);
	CREATE TABLE ban (
		room text COLLATE "C" NOT NULL REFERENCES room (id) ON DELETE CASCADE,
		account text COLLATE "C" NOT NULL REFERENCES account (id) ON DELETE CASCADE,
		PRIMARY KEY (room, account)
	);
	CREATE INDEX ban_of ON ban (account);
	CREATE TABLE invite (
		code_hash text COLLATE "C" PRIMARY KEY,
		room text COLLATE "C" NOT NULL REFERENCES room (id) ON DELETE CASCADE,
		expires_at int8 NOT NULL,
		uses int8 NOT NULL
	);
	CREATE INDEX invite_of ON invite (room);`
];

/** What takes turns for a room, and for what one account may have; always the account first. */
const LOCK_ROOM = 'SELECT name FROM room WHERE id = $1 FOR NO KEY UPDATE';
const LOCK_ACCOUNT = 'SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE';

/** Rooms in PostgreSQL. Needs the tables of the accounts. */
export class PostgresRoomStore implements RoomStore {
	readonly #postgres: Postgres;

	private constructor(postgres: Postgres) {
		this.#postgres = postgres;
	}

	static async open(postgres: Postgres): Promise<PostgresRoomStore> {
		await migratePostgres(postgres, 'rooms', STEPS);
		return new PostgresRoomStore(postgres);
	}

	create(room: Room, owner: WireId, mostRooms: number): Promise<'created' | 'name-taken' | 'too-many-rooms'> {
		const { access } = room;
		const name = access.kind === 'open' ? access.name : null;
		const key = access.kind === 'open' ? access.key : null;
		return this.#postgres.transaction(async (ask) => {
			await ask(LOCK_ACCOUNT, [owner]);
			if ((await roomsOf(ask, owner)) >= mostRooms) return 'too-many-rooms';
			const made = await ask(
				`INSERT INTO room (id, name, name_key, key, created_at) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT DO NOTHING RETURNING id`,
				[room.id, name, name && roomNameKey(name), key, room.createdAt]
			);
			if (made.length === 0) return 'name-taken';
			await ask('INSERT INTO member VALUES ($1, $2, true, $3)', [room.id, owner, room.createdAt]);
			return 'created';
		});
	}

	async room(room: WireId): Promise<Room | null> {
		const [row] = await this.#postgres.ask('SELECT * FROM room WHERE id = $1', [room]);
		return row ? toRoom(row) : null;
	}

	role(room: WireId, account: WireId): Promise<Role | null> {
		return roleOf(this.#postgres.ask, room, account);
	}

	async outsiders(places: readonly Place[]): Promise<Outsider[]> {
		const rows = await this.#postgres.ask(
			`SELECT place.room, place.account, NOT EXISTS (SELECT FROM room WHERE id = place.room) AS closed
			FROM unnest($1::text[], $2::text[]) AS place (room, account) WHERE NOT EXISTS
			(SELECT FROM member WHERE member.room = place.room AND member.account = place.account)`,
			[places.map(({ room }) => room), places.map(({ account }) => account)]
		);
		return rows.map((row) => ({
			room: text(row, 'room'),
			account: text(row, 'account'),
			closed: row['closed'] === true
		}));
	}

	async members(room: WireId): Promise<Member[]> {
		const rows = await this.#postgres.ask(
			`SELECT account, name, owner, joined_at FROM member JOIN account ON account.id = account
			WHERE room = $1 ORDER BY joined_at, account`,
			[room]
		);
		return rows.map((row) => ({
			account: text(row, 'account'),
			name: text(row, 'name'),
			role: toRole(row),
			joinedAt: whole(row, 'joined_at')
		}));
	}

	async mine(account: WireId): Promise<MyRoom[]> {
		const rows = await this.#postgres.ask(
			`SELECT room.*, owner FROM member JOIN room ON room.id = room WHERE account = $1
			ORDER BY created_at DESC, room.id`,
			[account]
		);
		return rows.map((row) => ({ ...toRoom(row), role: toRole(row) }));
	}

	async open(account: WireId, search: string, most: number): Promise<OpenRoom[]> {
		const rows = await this.#postgres.ask(
			`SELECT id, name, key, (SELECT count(*) FROM member WHERE room = room.id) AS members FROM room
			WHERE name_key IS NOT NULL AND strpos(name_key, $1) > 0
			AND NOT EXISTS (SELECT FROM member WHERE room = room.id AND account = $2)
			AND NOT EXISTS (SELECT FROM ban WHERE room = room.id AND account = $2)
			ORDER BY name_key LIMIT $3`,
			[roomNameKey(search), account, most]
		);
		return rows.map((row) => ({
			id: text(row, 'id'),
			name: text(row, 'name'),
			key: text(row, 'key'),
			members: whole(row, 'members')
		}));
	}

	join(join: Join): Promise<Joined> {
		return this.#postgres.transaction(async (ask) => {
			const { room, account, at, codeHash } = join;
			await ask(LOCK_ACCOUNT, [account]);
			const refused = await refusedEntry(ask, join);
			if (refused) return refused;
			if (codeHash) {
				await ask('UPDATE invite SET uses = uses - 1 WHERE code_hash = $1', [codeHash]);
				await ask('DELETE FROM ban WHERE room = $1 AND account = $2', [room, account]);
			}
			await ask('INSERT INTO member VALUES ($1, $2, false, $3)', [room, account, at]);
			return 'joined';
		});
	}

	leave(room: WireId, account: WireId, succeed: boolean): Promise<Left> {
		return this.#postgres.transaction(async (ask) => {
			await ask(LOCK_ROOM, [room]);
			const role = await roleOf(ask, room, account);
			if (!role) return 'not-found';
			if ((await membersOf(ask, room)) === 1) {
				await ask('DELETE FROM room WHERE id = $1', [room]);
				return 'closed';
			}
			const last = role === 'owner' && (await ownersOf(ask, room)) === 1;
			if (last && !succeed) return 'last-owner';
			await ask('DELETE FROM member WHERE room = $1 AND account = $2', [room, account]);
			if (last) {
				await ask(
					`UPDATE member SET owner = true WHERE room = $1 AND account =
					(SELECT account FROM member WHERE room = $1 ORDER BY joined_at, account LIMIT 1)`,
					[room]
				);
			}
			return 'left';
		});
	}

	ban(room: WireId, account: WireId): Promise<boolean> {
		return this.#postgres.transaction(async (ask) => {
			await ask(LOCK_ROOM, [room]);
			const gone = await ask('DELETE FROM member WHERE room = $1 AND account = $2 RETURNING account', [
				room,
				account
			]);
			if (gone.length === 0) return false;
			await ask('INSERT INTO ban VALUES ($1, $2) ON CONFLICT DO NOTHING', [room, account]);
			await ask('DELETE FROM invite WHERE room = $1', [room]);
			return true;
		});
	}

	setRole(room: WireId, account: WireId, role: Role): Promise<boolean | 'last-owner'> {
		return this.#postgres.transaction(async (ask) => {
			await ask(LOCK_ROOM, [room]);
			const before = await roleOf(ask, room, account);
			if (!before) return false;
			if (before === 'owner' && role === 'member' && (await ownersOf(ask, room)) === 1) return 'last-owner';
			const owner = role === 'owner';
			await ask('UPDATE member SET owner = $1 WHERE room = $2 AND account = $3', [owner, room, account]);
			return true;
		});
	}

	invite(invite: Invite, now: number, most: number): Promise<boolean> {
		return this.#postgres.transaction(async (ask) => {
			await ask(LOCK_ROOM, [invite.room]);
			await ask('DELETE FROM invite WHERE room = $1 AND (expires_at <= $2 OR uses <= 0)', [invite.room, now]);
			const live = await count(ask, 'SELECT count(*) AS n FROM invite WHERE room = $1', [invite.room]);
			if (live >= most) return false;
			await ask('INSERT INTO invite (code_hash, room, expires_at, uses) VALUES ($1, $2, $3, $4)', [
				invite.codeHash,
				invite.room,
				invite.expiresAt,
				invite.uses
			]);
			return true;
		});
	}

	async endInvites(room: WireId): Promise<void> {
		await this.#postgres.ask('DELETE FROM invite WHERE room = $1', [room]);
	}

	async remove(room: WireId): Promise<void> {
		await this.#postgres.ask('DELETE FROM room WHERE id = $1', [room]);
	}
}

/** Why somebody may not come in, or null. A wrong code and a room that is not there look the same. */
async function refusedEntry(ask: Ask, { room, account, at, codeHash, most }: Join): Promise<Joined | null> {
	const [known] = await ask(LOCK_ROOM, [room]);
	if (!known) return 'not-found';
	if (await roleOf(ask, room, account)) return 'already-member';
	if (codeHash) {
		const sql =
			'SELECT count(*) AS n FROM invite WHERE code_hash = $1 AND room = $2 AND expires_at > $3 AND uses > 0';
		if ((await count(ask, sql, [codeHash, room, at])) === 0) return 'not-found';
	} else {
		if (known['name'] === null) return 'not-found';
		const sql = 'SELECT count(*) AS n FROM ban WHERE room = $1 AND account = $2';
		if ((await count(ask, sql, [room, account])) > 0) return 'banned';
	}
	if ((await membersOf(ask, room)) >= most.members) return 'room-full';
	return (await roomsOf(ask, account)) >= most.rooms ? 'too-many-rooms' : null;
}

async function roleOf(ask: Ask, room: WireId, account: WireId): Promise<Role | null> {
	const [row] = await ask('SELECT owner FROM member WHERE room = $1 AND account = $2', [room, account]);
	return row ? toRole(row) : null;
}

function roomsOf(ask: Ask, account: WireId): Promise<number> {
	return count(ask, 'SELECT count(*) AS n FROM member WHERE account = $1', [account]);
}

function membersOf(ask: Ask, room: WireId): Promise<number> {
	return count(ask, 'SELECT count(*) AS n FROM member WHERE room = $1', [room]);
}

function ownersOf(ask: Ask, room: WireId): Promise<number> {
	return count(ask, 'SELECT count(*) AS n FROM member WHERE room = $1 AND owner', [room]);
}

async function count(ask: Ask, sql: string, values: readonly unknown[]): Promise<number> {
	const [row] = await ask(sql, values);
	if (!row) throw new DatabaseError('a count gave no row');
	return whole(row, 'n');
}

function toRole(row: Row): Role {
	return row['owner'] === true ? 'owner' : 'member';
}

function toRoom(row: Row): Room {
	const access: Access =
		row['name'] === null
			? { kind: 'private' }
			: { kind: 'open', name: text(row, 'name'), key: text(row, 'key') };
	return { id: text(row, 'id'), access, createdAt: whole(row, 'created_at') };
}
