import type { WireEvent, WireId } from '#lib/wire/frames.ts';
import { text, whole, type Row } from '../database.ts';
import { migratePostgres, POSTGRES, postgresCode, type Postgres } from '../postgres.ts';
import {
	LogError,
	type Appended,
	type LogErrorKind,
	type NewEvent,
	type PageLimit,
	type RoomLog
} from './log.ts';

/**
 * append_events stores a batch in one round trip. The head's row is the room's lock: whoever numbers events of
 * a room holds it until the commit, so numbers are given in the order in which they become visible. Rooms are
 * locked in their order, lest two processes wait for each other. A head below 0 is that of a dropped room.
 */
const STEPS = [
	`CREATE TABLE event (
		room text COLLATE "C" NOT NULL,
		seq int8 NOT NULL,
		sender text COLLATE "C" NOT NULL,
		id text COLLATE "C" NOT NULL,
		at int8 NOT NULL,
		body text NOT NULL,
		PRIMARY KEY (room, seq)
	);
	CREATE UNIQUE INDEX event_once ON event (room, sender, id);
	CREATE TABLE head (room text COLLATE "C" PRIMARY KEY, seq int8 NOT NULL);
	CREATE FUNCTION append_events(
		rooms text[], places int[], senders text[], ids text[], bodies text[], "now" int8
	) RETURNS TABLE (number int8, stored_at int8, fresh boolean) LANGUAGE plpgsql AS $$
	DECLARE
		heads int8[];
		place int;
	BEGIN
		INSERT INTO head SELECT unnest(rooms), 0 ON CONFLICT (room) DO NOTHING;
		SELECT array_agg(locked.seq ORDER BY locked.room) INTO heads FROM
			(SELECT h.room, h.seq FROM head h WHERE h.room = ANY (rooms) ORDER BY h.room FOR UPDATE) locked;
		FOR i IN 1 .. cardinality(ids) LOOP
			place := places[i];
			IF heads[place] < 0 THEN
				number := NULL;
				RETURN NEXT;
				CONTINUE;
			END IF;
			number := heads[place] + 1;
			stored_at := "now";
			INSERT INTO event VALUES (rooms[place], number, senders[i], ids[i], stored_at, bodies[i])
				ON CONFLICT (room, sender, id) DO NOTHING;
			fresh := FOUND;
			IF fresh THEN
				heads[place] := number;
			ELSE
				SELECT e.seq, e.at INTO STRICT number, stored_at FROM event e
					WHERE e.room = rooms[place] AND e.sender = senders[i] AND e.id = ids[i];
			END IF;
			RETURN NEXT;
		END LOOP;
		UPDATE head h SET seq = moved.seq FROM unnest(rooms, heads) AS moved (room, seq)
			WHERE h.room = moved.room AND h.seq <> moved.seq;
	END $$;`
];

/** Events of one round trip at most: more would only hold the rooms' locks longer. */
const BATCH = 512;

interface Waiting {
	event: NewEvent;
	resolve(appended: Appended): void;
	reject(error: LogError): void;
}

/**
 * The log in PostgreSQL, for any number of processes. One batch is under way at a time; what comes meanwhile
 * is the next one, so that many events share one wait for the disk and each room keeps its order.
 */
export class PostgresLog implements RoomLog {
	readonly #postgres: Postgres;
	readonly #now: () => number;
	#waiting: Waiting[] = [];
	/** Settles when nothing is under way; null when that is now. */
	#storing: Promise<void> | null = null;

	private constructor(postgres: Postgres, now: () => number) {
		this.#postgres = postgres;
		this.#now = now;
	}

	/** @param postgres stays the caller's to close, after this log is closed */
	static async open(postgres: Postgres, now: () => number): Promise<PostgresLog> {
		await migratePostgres(postgres, 'log', STEPS);
		return new PostgresLog(postgres, now);
	}

	append(event: NewEvent): Promise<Appended> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ event, resolve, reject });
			this.#storing ??= this.#storeAll();
		});
	}

	async read(room: WireId, after: number, limit: PageLimit): Promise<WireEvent[]> {
		const rows = await this.#postgres.ask(
			`SELECT seq, id, sender, at, body FROM (
				SELECT *, row_number() OVER page AS place, sum(octet_length(body)) OVER page AS chars FROM
					(SELECT * FROM event WHERE room = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS most
				WINDOW page AS (ORDER BY seq)
			) counted WHERE place = 1 OR chars <= $4 ORDER BY seq`,
			[room, after, limit.events, limit.chars]
		);
		return rows.map(toEvent);
	}

	async head(room: WireId): Promise<number> {
		return (await this.heads([room])).get(room) ?? 0;
	}

	async heads(rooms: readonly WireId[]): Promise<Map<WireId, number>> {
		const rows = await this.#postgres.ask('SELECT room, seq FROM head WHERE room = ANY ($1)', [rooms]);
		return new Map(rows.map((row) => [text(row, 'room'), Math.max(0, whole(row, 'seq'))]));
	}

	async drop(room: WireId): Promise<void> {
		await this.#storing;
		await this.#postgres.transaction(async (ask) => {
			// first the lock: who appends to it waits, and then finds it closed
			await ask('INSERT INTO head VALUES ($1, -1) ON CONFLICT (room) DO UPDATE SET seq = -1', [room]);
			await ask('DELETE FROM event WHERE room = $1', [room]);
		});
	}

	async erase(from: WireId): Promise<void> {
		await this.#storing;
		await this.#postgres.ask(
			"UPDATE event SET body = '' FROM head WHERE event.room = head.room AND sender = $1",
			[from]
		);
	}

	async check(): Promise<void> {
		const [row] = await this.#postgres.ask('SHOW transaction_read_only').catch((error: unknown) => {
			throw new LogError(kindOf(error), { cause: error });
		});
		if (row?.['transaction_read_only'] !== 'off') throw new LogError('unavailable');
	}

	async close(): Promise<void> {
		await this.#storing;
	}

	async #storeAll(): Promise<void> {
		// a turn's worth at least
		await new Promise((resolve) => setImmediate(resolve));
		while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, BATCH));
		this.#storing = null;
	}

	async #commit(batch: readonly Waiting[]): Promise<void> {
		try {
			const appended = await this.#store(batch.map(({ event }) => event));
			for (const [index, { resolve, reject }] of batch.entries()) {
				const result = appended[index];
				if (result) resolve(result);
				else reject(new LogError('closed'));
			}
		} catch (error) {
			const reason = new LogError(kindOf(error), { cause: error });
			for (const { reject } of batch) reject(reason);
		}
	}

	/** @returns null for an event whose room is closed */
	async #store(events: readonly NewEvent[]): Promise<(Appended | null)[]> {
		const rooms = [...new Set(events.map(({ room }) => room))].sort();
		const places = new Map(rooms.map((room, index) => [room, index + 1]));
		const rows = await this.#postgres.ask('SELECT * FROM append_events($1, $2, $3, $4, $5, $6)', [
			rooms,
			events.map(({ room }) => places.get(room)),
			events.map(({ from }) => from),
			events.map(({ id }) => id),
			events.map(({ body }) => body),
			this.#now()
		]);
		return rows.map((row) =>
			row['number'] === null
				? null
				: { seq: whole(row, 'number'), at: whole(row, 'stored_at'), fresh: row['fresh'] === true }
		);
	}
}

function toEvent(row: Row): WireEvent {
	return {
		seq: whole(row, 'seq'),
		id: text(row, 'id'),
		from: text(row, 'sender'),
		at: whole(row, 'at'),
		body: text(row, 'body')
	};
}

function kindOf(error: unknown): LogErrorKind {
	const code = postgresCode(error);
	if (code === POSTGRES.diskFull) return 'full';
	const passing: (string | null)[] = [POSTGRES.canceled, POSTGRES.deadlock, POSTGRES.lockNotAvailable];
	return passing.includes(code) ? 'busy' : 'unavailable';
}
