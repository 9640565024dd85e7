import { DatabaseSync } from 'node:sqlite';
import type { WireEvent } from '#lib/wire/frames.ts';
import type { Peer } from '../../unit/server/support/peer.ts';

/** What a client saw: all that it may rely on. */
export interface Seen {
	readonly person: { readonly id: string };
	/** Numbers by the ids of what it sent. */
	readonly acknowledged: ReadonlyMap<string, number>;
	readonly log: readonly WireEvent[];
	readonly wrong: readonly string[];
}

/** What somebody saw who said and heard things one by one. */
export function seenByPeer(person: Seen['person'], peer: Peer, room: string): Seen {
	return {
		person,
		acknowledged: new Map(peer.of('ack').map(({ id, seq }) => [id, seq])),
		log: peer.events(room),
		wrong: []
	};
}

export interface Verdict {
	acknowledged: number;
	stored: number;
	/** Acknowledged or seen, and not stored as it was. */
	lost: number;
	/** Stored under more than one number. */
	doubled: number;
	/** Not numbered without a gap, or seen out of order. */
	disordered: number;
	/** Whatever else the clients noticed, and what SQLite says of its file. */
	wrong: string[];
}

/** Holds what the clients saw against what is in the file, once nobody writes to it any more. */
export function judge(database: string, room: string, writers: readonly Seen[]): Verdict {
	const verdict = judgeEvents(readRoom(database, room), writers);
	verdict.wrong.push(...checkFile(database));
	return verdict;
}

/** A room's events as the file holds them. */
export function readRoom(database: string, room: string): WireEvent[] {
	const file = new DatabaseSync(database, { readOnly: true });
	const rows = file
		.prepare(
			`SELECT place - (head.number << 32) seq, account sender, id, at, body
			FROM head JOIN author ON author.room = head.number JOIN event ON author = author.number
			WHERE head.room = ? ORDER BY place`
		)
		.all(room);
	file.close();
	return rows.map((row) => ({
		seq: Number(row['seq']),
		id: String(row['id']),
		from: String(row['sender']),
		at: Number(row['at']),
		body: String(row['body'])
	}));
}

/** What SQLite finds wrong with its file. */
export function checkFile(database: string): string[] {
	const file = new DatabaseSync(database, { readOnly: true });
	const found = JSON.stringify(file.prepare('PRAGMA integrity_check').all());
	file.close();
	return found === '[{"integrity_check":"ok"}]' ? [] : [`the file: ${found}`];
}

/** Holds what the clients saw against what the log holds of their room, in its order. */
export function judgeEvents(stored: readonly WireEvent[], writers: readonly Seen[]): Verdict {
	const bySeq = new Map(stored.map((event) => [event.seq, textOf(event)]));
	const byName = new Map(stored.map(({ from, id, seq }) => [`${from} ${id}`, seq]));
	const names = writers.flatMap(({ person, acknowledged }) =>
		[...acknowledged.keys()].map((id) => `${person.id} ${id}`)
	);
	let lost = 0;
	for (const { person, acknowledged, log } of writers) {
		for (const [id, seq] of acknowledged) if (byName.get(`${person.id} ${id}`) !== seq) lost++;
		for (const event of log) if (bySeq.get(event.seq) !== textOf(event)) lost++;
	}
	return {
		acknowledged: new Set(names).size,
		stored: stored.length,
		lost,
		doubled: stored.length - byName.size,
		disordered: stored.filter(({ seq }, index) => seq !== index + 1).length,
		wrong: writers.flatMap((writer) => writer.wrong)
	};
}

function textOf({ seq, id, from, at, body }: WireEvent): string {
	return JSON.stringify([seq, id, from, at, body]);
}
