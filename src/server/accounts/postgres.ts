import type { WireId } from '#lib/wire/frames.ts';
import { text, whole, type Row } from '../database.ts';
import { migratePostgres, type Postgres } from '../postgres.ts';
import type { Account, AccountStore, Session } from './store.ts';

const STEPS = [
	`CREATE TABLE account (
		id text COLLATE "C" PRIMARY KEY,
		name text NOT NULL,
		name_key text COLLATE "C" NOT NULL UNIQUE,
		created_at int8 NOT NULL,
		password_hash text NOT NULL
	);
	CREATE TABLE session (
		id text COLLATE "C" PRIMARY KEY,
		token_hash text COLLATE "C" NOT NULL UNIQUE,
		account text COLLATE "C" NOT NULL REFERENCES account (id) ON DELETE CASCADE,
		expires_at int8 NOT NULL
	);
	CREATE INDEX session_of ON session (account, expires_at);`
];

/** Accounts in PostgreSQL. */
export class PostgresAccountStore implements AccountStore {
	readonly #postgres: Postgres;

	private constructor(postgres: Postgres) {
		this.#postgres = postgres;
	}

	static async open(postgres: Postgres): Promise<PostgresAccountStore> {
		await migratePostgres(postgres, 'accounts', STEPS);
		return new PostgresAccountStore(postgres);
	}

	async create(account: Account, key: string): Promise<boolean> {
		const made = await this.#postgres.ask(
			`INSERT INTO account (id, name, name_key, created_at, password_hash) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING RETURNING id`,
			[account.id, account.name, key, account.createdAt, account.passwordHash]
		);
		return made.length > 0;
	}

	byKey(key: string): Promise<Account | null> {
		return this.#account('SELECT * FROM account WHERE name_key = $1', key);
	}

	byId(id: WireId): Promise<Account | null> {
		return this.#account('SELECT * FROM account WHERE id = $1', id);
	}

	async setPassword(id: WireId, passwordHash: string, keep: WireId): Promise<void> {
		await this.#postgres.transaction(async (ask) => {
			await ask('UPDATE account SET password_hash = $1 WHERE id = $2', [passwordHash, id]);
			await ask('DELETE FROM session WHERE account = $1 AND id <> $2', [id, keep]);
		});
	}

	async remove(id: WireId): Promise<void> {
		await this.#postgres.ask('DELETE FROM account WHERE id = $1', [id]);
	}

	async addSession(session: Session, tokenHash: string, most: number): Promise<void> {
		await this.#postgres.transaction(async (ask) => {
			// one device after the other, or two would both find place for one
			await ask('SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE', [session.account]);
			await ask('INSERT INTO session (id, token_hash, account, expires_at) VALUES ($1, $2, $3, $4)', [
				session.id,
				tokenHash,
				session.account,
				session.expiresAt
			]);
			await ask(
				`DELETE FROM session WHERE id IN
				(SELECT id FROM session WHERE account = $1 ORDER BY expires_at DESC, id OFFSET $2)`,
				[session.account, most]
			);
		});
	}

	async session(tokenHash: string): Promise<Session | null> {
		const [row] = await this.#postgres.ask('SELECT * FROM session WHERE token_hash = $1', [tokenHash]);
		if (!row) return null;
		return { id: text(row, 'id'), account: text(row, 'account'), expiresAt: whole(row, 'expires_at') };
	}

	async ended(sessions: readonly WireId[]): Promise<WireId[]> {
		const rows = await this.#postgres.ask(
			'SELECT known.id FROM unnest($1::text[]) AS known (id) WHERE NOT EXISTS (SELECT FROM session WHERE id = known.id)',
			[sessions]
		);
		return rows.map((row) => text(row, 'id'));
	}

	async endSession(id: WireId): Promise<void> {
		await this.#postgres.ask('DELETE FROM session WHERE id = $1', [id]);
	}

	async endSessions(account: WireId): Promise<void> {
		await this.#postgres.ask('DELETE FROM session WHERE account = $1', [account]);
	}

	async endExpired(now: number): Promise<void> {
		await this.#postgres.ask('DELETE FROM session WHERE expires_at <= $1', [now]);
	}

	async #account(sql: string, value: string): Promise<Account | null> {
		const [row] = await this.#postgres.ask(sql, [value]);
		return row ? toAccount(row) : null;
	}
}

function toAccount(row: Row): Account {
	return {
		id: text(row, 'id'),
		name: text(row, 'name'),
		createdAt: whole(row, 'created_at'),
		passwordHash: text(row, 'password_hash')
	};
}
