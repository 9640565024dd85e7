import { DatabaseSync } from 'node:sqlite';
import type { Writer } from './writer.ts';

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
export function judge(database: string, room: string, writers: readonly Writer[]): Verdict {
	const file = new DatabaseSync(database, { readOnly: true });
	const rows = file
		.prepare('SELECT seq, sender, id, at, body FROM event WHERE room = ? ORDER BY seq')
		.all(room);
	const integrity = file.prepare('PRAGMA integrity_check').all();
	file.close();
	const stored = rows.map((row) => ({
		seq: Number(row['seq']),
		id: String(row['id']),
		from: String(row['sender']),
		at: Number(row['at']),
		body: String(row['body'])
	}));
	const bySeq = new Map(stored.map((event) => [event.seq, JSON.stringify(event)]));
	const byName = new Map(stored.map(({ from, id, seq }) => [`${from} ${id}`, seq]));
	const wrong = writers.flatMap((writer) => writer.wrong);
	let lost = 0;
	for (const { person, acknowledged, log } of writers) {
		for (const [id, seq] of acknowledged) if (byName.get(`${person.id} ${id}`) !== seq) lost++;
		for (const event of log) if (bySeq.get(event.seq) !== JSON.stringify(event)) lost++;
	}
	const disordered = stored.filter(({ seq }, index) => seq !== index + 1).length;
	if (JSON.stringify(integrity) !== '[{"integrity_check":"ok"}]')
		wrong.push(`the file: ${JSON.stringify(integrity)}`);
	return {
		acknowledged: new Set(
			writers.flatMap(({ person, acknowledged }) =>
				[...acknowledged.keys()].map((id) => `${person.id} ${id}`)
			)
		).size,
		stored: stored.length,
		lost,
		doubled: stored.length - byName.size,
		disordered,
		wrong
	};
}
