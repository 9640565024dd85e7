import { DatabaseError as PostgresError, Pool, types, type PoolClient, type QueryResultRow } from 'pg';
import { DatabaseError, POSTGRES_DISK_FULL, whole, type Row } from './database.ts';
import type { Logger } from './logger.ts';

/** Connections of one server process at most. */
const CONNECTIONS = 10;
/** Milliseconds. A database that does not answer is an error, not a wait without end. */
const LIMIT = { connect: 5_000, statement: 10_000, answer: 15_000 } as const;

/** int8 as numbers: what is counted here stays far below 2⁵³. */
const INT8 = 20;
const parsers = {
	getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
		oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser
};

/** The number under which processes that start take turns; any that others do not use. */
const MIGRATION = 0x41_6c_63_6f_76_65;

/** SQL with its values in order, on a pool or within a transaction. */
export type Ask = (sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/** PostgreSQL behind the server's stores. */
export interface Postgres {
	ask: Ask;
	/** Runs `work` in one transaction, which is on disk when it resolves, or undone when it throws. */
	transaction<Result>(work: (ask: Ask) => Promise<Result>): Promise<Result>;
	close(): Promise<void>;
}

/**
 * Connects to the database that all processes share.
 * @param url `postgres://…`, with all that libpq's addresses may say
 * @throws DatabaseError when its commits do not wait for the disk; the driver's errors when it cannot be reached
 */
export async function openPostgres(url: string, logger: Logger): Promise<Postgres> {
	const pool = new Pool({
		connectionString: url,
		application_name: 'alcove',
		max: CONNECTIONS,
		connectionTimeoutMillis: LIMIT.connect,
		statement_timeout: LIMIT.statement,
		query_timeout: LIMIT.answer,
		keepAlive: true,
		types: parsers
	});
	// a connection that breaks while nobody uses it; whoever needs one gets another
	pool.on('error', (error) => logger.warn('database connection lost', { error }));
	const postgres: Postgres = {
		ask: asker(pool),
		transaction: (work) => transaction(pool, work),
		close: () => pool.end()
	};
	try {
		await requireDurable(postgres.ask);
		return postgres;
	} catch (error) {
		await pool.end();
		throw error;
	}
}

/**
 * Brings one part's tables to the newest version. Processes that start at once take turns.
 * @param steps SQL from nothing to now; steps are only ever added at the end
 * @throws DatabaseError when the database was written by a newer server
 */
export async function migratePostgres(
	{ transaction }: Postgres,
	part: string,
	steps: readonly string[]
): Promise<void> {
	await transaction(async (ask) => {
		await ask('SELECT pg_advisory_xact_lock($1)', [MIGRATION]);
		await ask('CREATE TABLE IF NOT EXISTS schema (part text PRIMARY KEY, version int8 NOT NULL)');
		const [row] = await ask('SELECT version FROM schema WHERE part = $1', [part]);
		const version = row ? whole(row, 'version') : 0;
		if (version > steps.length) {
			throw new DatabaseError(`"${part}" has version ${version}; this server knows ${steps.length}`);
		}
		for (const step of steps.slice(version)) await ask(step);
		await ask(
			'INSERT INTO schema VALUES ($1, $2) ON CONFLICT (part) DO UPDATE SET version = excluded.version',
			[part, steps.length]
		);
	});
}

/** PostgreSQL's codes that the server tells apart. */
export const POSTGRES = {
	diskFull: POSTGRES_DISK_FULL,
	canceled: '57014',
	deadlock: '40P01',
	lockNotAvailable: '55P03'
} as const;

/** PostgreSQL's code of an error, or null when it is not PostgreSQL's. */
export function postgresCode(error: unknown): string | null {
	return error instanceof PostgresError ? (error.code ?? null) : null;
}

function asker(connection: Pool | PoolClient): Ask {
	return async (sql, values) =>
		(await connection.query<QueryResultRow & Row>(sql, values ? [...values] : undefined)).rows;
}

async function transaction<Result>(pool: Pool, work: (ask: Ask) => Promise<Result>): Promise<Result> {
	const client = await pool.connect();
	const ask = asker(client);
	try {
		await ask('BEGIN');
		const result = await work(ask);
		await ask('COMMIT');
		client.release();
		return result;
	} catch (error) {
		// a connection that cannot even undo is of no more use to anybody
		await ask('ROLLBACK').then(
			() => client.release(),
			() => client.release(true)
		);
		throw error;
	}
}

/** An acknowledgement means "on disk", so a database that says so before it is true is refused. */
async function requireDurable(ask: Ask): Promise<void> {
	const rows = await ask(
		"SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off'"
	);
	const names = rows.map(({ name }) => String(name)).join(' and ');
	if (names)
		throw new DatabaseError(
			`the database's ${names} must not be off: what is acknowledged has to be on disk`
		);
}
