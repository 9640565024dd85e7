/**
 * The tables of the log in SQLite, from nothing to now.
 *
 * A commit writes each page that it touches, as a whole, to the journal: many small entries to a page, and few trees,
 * are what makes it cheap. So rooms and authors (accounts in rooms) have numbers, and an event's key is its room's
 * number and its own in one: a room's events lie side by side, and the room needs no index.
 */
export const STEPS = [
	`CREATE TABLE event (
		room TEXT NOT NULL,
		seq INTEGER NOT NULL,
		sender TEXT NOT NULL,
		id TEXT NOT NULL,
		at INTEGER NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (room, seq)
	) STRICT;
	CREATE UNIQUE INDEX event_once ON event (room, sender, id);
	CREATE TABLE head (room TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;`,

	`ALTER TABLE event RENAME TO event_before;
	ALTER TABLE head RENAME TO head_before;
	DROP INDEX event_once;
	CREATE TABLE head (
		number INTEGER PRIMARY KEY,
		room TEXT NOT NULL UNIQUE,
		seq INTEGER NOT NULL
	) STRICT;
	CREATE TABLE author (
		number INTEGER PRIMARY KEY,
		account TEXT NOT NULL,
		room INTEGER NOT NULL REFERENCES head (number),
		UNIQUE (account, room)
	) STRICT;
	CREATE TABLE event (
		place INTEGER PRIMARY KEY, -- the room's number << 32 | seq
		author INTEGER NOT NULL,
		id TEXT NOT NULL,
		at INTEGER NOT NULL,
		body TEXT NOT NULL
	) STRICT;
	INSERT INTO head (room, seq) SELECT room, seq FROM head_before ORDER BY room;
	INSERT INTO author (account, room)
		SELECT DISTINCT sender, number FROM event_before JOIN head USING (room) ORDER BY number;
	INSERT INTO event
		SELECT head.number << 32 | event_before.seq, author.number, id, at, body FROM head
			JOIN event_before ON event_before.room = head.room
			JOIN author ON author.account = sender AND author.room = head.number
		ORDER BY 1;
	CREATE UNIQUE INDEX event_once ON event (author, id);
	DROP TABLE event_before;
	DROP TABLE head_before;`
];
