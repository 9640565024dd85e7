import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { WireId } from '#lib/wire/frames.ts';
import { DatabaseError, inTransaction, migrate, Statements, text, whole, type Row } from '../database.ts';
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
		id TEXT PRIMARY KEY,
		name TEXT,
		name_key TEXT UNIQUE,
		key TEXT,
		created_at INTEGER NOT NULL,
		CHECK ((name IS NULL) = (key IS NULL) AND (name IS NULL) = (name_key IS NULL))
	) STRICT;
	CREATE TABLE member (
		room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
		account TEXT NOT NULL REFERENCES account (id),
		owner INTEGER NOT NULL,
		joined_at INTEGER NOT NULL,
		PRIMARY KEY (room, account)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX member_of ON member (account, room);
	CREATE TABLE ban (
		room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
		account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
		PRIMARY KEY (room, account)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE invite (
		code_hash TEXT PRIMARY KEY,
		room TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
		expires_at INTEGER NOT NULL,
		uses INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX invite_of ON invite (room);`
];

/** Rooms in SQLite, in the one file of the server. Needs the tables of the accounts. */
export class SqliteRoomStore implements RoomStore {
	readonly #database: DatabaseSync;
	readonly #statements: Statements;

	constructor(database: DatabaseSync) {
		this.#database = database;
		this.#statements = new Statements(database);
		migrate(database, 'rooms', STEPS);
	}

	async create(
		room: Room,
		owner: WireId,
		mostRooms: number
	): Promise<'created' | 'name-taken' | 'too-many-rooms'> {
		const { access } = room;
		const name = access.kind === 'open' ? access.name : null;
		return inTransaction(this.#database, () => {
			if (this.#count('SELECT count(*) n FROM member WHERE account = ?', owner) >= mostRooms)
				return 'too-many-rooms';
			const { changes } = this.#run(
				'INSERT INTO room (id, name, name_key, key, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
				room.id,
				name,
				name && roomNameKey(name),
				access.kind === 'open' ? access.key : null,
				room.createdAt
			);
			if (changes === 0) return 'name-taken';
			this.#run('INSERT INTO member VALUES (?, ?, 1, ?)', room.id, owner, room.createdAt);
			return 'created';
		});
	}

	async room(room: WireId): Promise<Room | null> {
		const row = this.#statements.of('SELECT * FROM room WHERE id = ?').get(room);
		return row ? toRoom(row) : null;
	}

	async role(room: WireId, account: WireId): Promise<Role | null> {
		return this.#role(room, account);
	}

	async outsiders(places: readonly Place[]): Promise<Outsider[]> {
		return places
			.filter(({ room, account }) => !this.#role(room, account))
			.map((place) => ({
				...place,
				closed: this.#count('SELECT count(*) n FROM room WHERE id = ?', place.room) === 0
			}));
	}

	async members(room: WireId): Promise<Member[]> {
		const rows = this.#statements
			.of(
				`SELECT account, account.name, owner, joined_at FROM member JOIN account ON account.id = account
				WHERE room = ? ORDER BY joined_at, account`
			)
			.all(room);
		return rows.map((row) => ({
			account: text(row, 'account'),
			name: text(row, 'name'),
			role: toRole(row),
			joinedAt: whole(row, 'joined_at')
		}));
	}

	async mine(account: WireId): Promise<MyRoom[]> {
		const rows = this.#statements
			.of(
				'SELECT room.*, owner FROM member JOIN room ON room.id = room WHERE account = ? ORDER BY created_at DESC, room.id'
			)
			.all(account);
		return rows.map((row) => ({ ...toRoom(row), role: toRole(row) }));
	}

	async open(account: WireId, search: string, most: number): Promise<OpenRoom[]> {
		const rows = this.#statements
			.of(
				`SELECT id, name, key, (SELECT count(*) FROM member WHERE room = room.id) AS members FROM room
				WHERE name_key IS NOT NULL AND instr(name_key, ?) > 0
				AND NOT EXISTS (SELECT 1 FROM member WHERE room = room.id AND account = ?)
				AND NOT EXISTS (SELECT 1 FROM ban WHERE room = room.id AND account = ?)
				ORDER BY name_key LIMIT ?`
			)
			.all(roomNameKey(search), account, account, most);
		return rows.map((row) => ({
			id: text(row, 'id'),
			name: text(row, 'name'),
			key: text(row, 'key'),
			members: whole(row, 'members')
		}));
	}

	async join(join: Join): Promise<Joined> {
		return inTransaction(this.#database, () => {
			const refused = this.#refusedEntry(join);
			if (refused) return refused;
			const { room, account, at, codeHash } = join;
			if (codeHash) {
				this.#run('UPDATE invite SET uses = uses - 1 WHERE code_hash = ?', codeHash);
				this.#run('DELETE FROM ban WHERE room = ? AND account = ?', room, account);
			}
			this.#run('INSERT INTO member VALUES (?, ?, 0, ?)', room, account, at);
			return 'joined';
		});
	}

	async leave(room: WireId, account: WireId, succeed: boolean): Promise<Left> {
		return inTransaction(this.#database, () => {
			const role = this.#role(room, account);
			if (!role) return 'not-found';
			if (this.#count('SELECT count(*) n FROM member WHERE room = ?', room) === 1) {
				this.#run('DELETE FROM room WHERE id = ?', room);
				return 'closed';
			}
			const last = role === 'owner' && this.#owners(room) === 1;
			if (last && !succeed) return 'last-owner';
			this.#run('DELETE FROM member WHERE room = ? AND account = ?', room, account);
			if (last) {
				this.#run(
					`UPDATE member SET owner = 1 WHERE room = ?1 AND account =
					(SELECT account FROM member WHERE room = ?1 ORDER BY joined_at, account LIMIT 1)`,
					room
				);
			}
			return 'left';
		});
	}

	async ban(room: WireId, account: WireId): Promise<boolean> {
		return inTransaction(this.#database, () => {
			const { changes } = this.#run('DELETE FROM member WHERE room = ? AND account = ?', room, account);
			if (changes === 0) return false;
			this.#run('INSERT OR IGNORE INTO ban VALUES (?, ?)', room, account);
			this.#run('DELETE FROM invite WHERE room = ?', room);
			return true;
		});
	}

	async setRole(room: WireId, account: WireId, role: Role): Promise<boolean | 'last-owner'> {
		return inTransaction(this.#database, () => {
			const before = this.#role(room, account);
			if (!before) return false;
			if (before === 'owner' && role === 'member' && this.#owners(room) === 1) return 'last-owner';
			const owner = role === 'owner' ? 1 : 0;
			this.#run('UPDATE member SET owner = ? WHERE room = ? AND account = ?', owner, room, account);
			return true;
		});
	}

	async invite(invite: Invite, now: number, most: number): Promise<boolean> {
		return inTransaction(this.#database, () => {
			this.#run('DELETE FROM invite WHERE room = ? AND (expires_at <= ? OR uses <= 0)', invite.room, now);
			if (this.#count('SELECT count(*) n FROM invite WHERE room = ?', invite.room) >= most) return false;
			this.#run(
				'INSERT INTO invite (code_hash, room, expires_at, uses) VALUES (?, ?, ?, ?)',
				invite.codeHash,
				invite.room,
				invite.expiresAt,
				invite.uses
			);
			return true;
		});
	}

	async endInvites(room: WireId): Promise<void> {
		this.#run('DELETE FROM invite WHERE room = ?', room);
	}

	async remove(room: WireId): Promise<void> {
		this.#run('DELETE FROM room WHERE id = ?', room);
	}

	/** Why somebody may not come in, or null. A wrong code and a room that is not there look the same. */
	#refusedEntry({ room, account, at, codeHash, most }: Join): Joined | null {
		const known = this.#statements.of('SELECT name FROM room WHERE id = ?').get(room);
		if (!known) return 'not-found';
		if (this.#role(room, account)) return 'already-member';
		if (codeHash) {
			const sql =
				'SELECT count(*) n FROM invite WHERE code_hash = ? AND room = ? AND expires_at > ? AND uses > 0';
			if (this.#count(sql, codeHash, room, at) === 0) return 'not-found';
		} else {
			if (known['name'] === null) return 'not-found';
			if (this.#count('SELECT count(*) n FROM ban WHERE room = ? AND account = ?', room, account) > 0)
				return 'banned';
		}
		if (this.#count('SELECT count(*) n FROM member WHERE room = ?', room) >= most.members) return 'room-full';
		if (this.#count('SELECT count(*) n FROM member WHERE account = ?', account) >= most.rooms)
			return 'too-many-rooms';
		return null;
	}

	#owners(room: WireId): number {
		return this.#count('SELECT count(*) n FROM member WHERE room = ? AND owner = 1', room);
	}

	#role(room: WireId, account: WireId): Role | null {
		const row = this.#statements
			.of('SELECT owner FROM member WHERE room = ? AND account = ?')
			.get(room, account);
		return row ? toRole(row) : null;
	}

	#count(sql: string, ...values: SQLInputValue[]): number {
		const row = this.#statements.of(sql).get(...values);
		if (!row) throw new DatabaseError('a count gave no row');
		return whole(row, 'n');
	}

	#run(sql: string, ...values: SQLInputValue[]) {
		return this.#statements.of(sql).run(...values);
	}
}

function toRole(row: Row): Role {
	return whole(row, 'owner') === 1 ? 'owner' : 'member';
}

function toRoom(row: Row): Room {
	const access: Access =
		row['name'] === null
			? { kind: 'private' }
			: { kind: 'open', name: text(row, 'name'), key: text(row, 'key') };
	return { id: text(row, 'id'), access, createdAt: whole(row, 'created_at') };
}
