import type { DatabaseSync } from 'node:sqlite';
import type { WireId } from '#lib/wire/frames.ts';
import {
	forgetJournal,
	inTransaction,
	migrate,
	sqliteCode,
	SQLITE,
	Statements,
	text,
	whole,
	type Row
} from '../database.ts';
import type { Account, AccountStore, Session } from './store.ts';

const STEPS = [
	`CREATE TABLE account (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL,
		name_key TEXT NOT NULL UNIQUE,
		created_at INTEGER NOT NULL,
		password_hash TEXT NOT NULL
	) STRICT;
	CREATE TABLE session (
		id TEXT PRIMARY KEY,
		token_hash TEXT NOT NULL UNIQUE,
		account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
		expires_at INTEGER NOT NULL
	) STRICT;
	CREATE INDEX session_of ON session (account, expires_at);`
];

/** Accounts in SQLite, in the one file of the server. */
export class SqliteAccountStore implements AccountStore {
	readonly #database: DatabaseSync;
	readonly #statements: Statements;

	constructor(database: DatabaseSync) {
		this.#database = database;
		this.#statements = new Statements(database);
		migrate(database, 'accounts', STEPS);
	}

	async create(account: Account, key: string): Promise<boolean> {
		try {
			this.#statements
				.of('INSERT INTO account (id, name, name_key, created_at, password_hash) VALUES (?, ?, ?, ?, ?)')
				.run(account.id, account.name, key, account.createdAt, account.passwordHash);
			return true;
		} catch (error) {
			if (sqliteCode(error) === SQLITE.constraint) return false;
			throw error;
		}
	}

	async byKey(key: string): Promise<Account | null> {
		return toAccount(this.#statements.of('SELECT * FROM account WHERE name_key = ?').get(key));
	}

	async byId(id: WireId): Promise<Account | null> {
		return toAccount(this.#statements.of('SELECT * FROM account WHERE id = ?').get(id));
	}

	async setPassword(id: WireId, passwordHash: string, keep: WireId): Promise<void> {
		inTransaction(this.#database, () => {
			this.#statements.of('UPDATE account SET password_hash = ? WHERE id = ?').run(passwordHash, id);
			this.#statements.of('DELETE FROM session WHERE account = ? AND id <> ?').run(id, keep);
		});
	}

	async remove(id: WireId): Promise<void> {
		this.#statements.of('DELETE FROM account WHERE id = ?').run(id);
		await forgetJournal(this.#database);
	}

	async addSession(session: Session, tokenHash: string, most: number): Promise<void> {
		inTransaction(this.#database, () => {
			this.#statements
				.of('INSERT INTO session (id, token_hash, account, expires_at) VALUES (?, ?, ?, ?)')
				.run(session.id, tokenHash, session.account, session.expiresAt);
			this.#statements
				.of(
					`DELETE FROM session WHERE id IN
					(SELECT id FROM session WHERE account = ? ORDER BY expires_at DESC, id LIMIT -1 OFFSET ?)`
				)
				.run(session.account, most);
		});
	}

	async session(tokenHash: string): Promise<Session | null> {
		const row = this.#statements.of('SELECT * FROM session WHERE token_hash = ?').get(tokenHash);
		if (!row) return null;
		return { id: text(row, 'id'), account: text(row, 'account'), expiresAt: whole(row, 'expires_at') };
	}

	async ended(sessions: readonly WireId[]): Promise<WireId[]> {
		const find = this.#statements.of('SELECT 1 FROM session WHERE id = ?');
		return sessions.filter((id) => !find.get(id));
	}

	async endSession(id: WireId): Promise<void> {
		this.#statements.of('DELETE FROM session WHERE id = ?').run(id);
	}

	async endSessions(account: WireId): Promise<void> {
		this.#statements.of('DELETE FROM session WHERE account = ?').run(account);
	}

	async endExpired(now: number): Promise<void> {
		this.#statements.of('DELETE FROM session WHERE expires_at <= ?').run(now);
	}
}

function toAccount(row: Row | undefined): Account | null {
	if (!row) return null;
	return {
		id: text(row, 'id'),
		name: text(row, 'name'),
		createdAt: whole(row, 'created_at'),
		passwordHash: text(row, 'password_hash')
	};
}
