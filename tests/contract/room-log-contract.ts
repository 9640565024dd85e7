import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { RoomLog } from '../../src/server/log/log.ts';

/** One log under test: open it, and open it again over what it stored. */
export interface LogUnderTest {
	open(): Promise<RoomLog>;
	remove(): Promise<void>;
}

const newId = () => randomBytes(16).toString('base64url');
const WHOLE = { events: 1_000, chars: 1_000_000 };

/** What every RoomLog promises. `make` gives an empty store. */
export function roomLogContract(name: string, make: () => Promise<LogUnderTest>): void {
	describe(`the log in ${name}`, () => {
		const opened: (() => Promise<void>)[] = [];
		afterEach(async () => {
			for (const end of opened.splice(0)) await end();
		});

		async function start(): Promise<{ log: RoomLog; again: () => Promise<RoomLog> }> {
			const store = await make();
			let log = await store.open();
			opened.push(async () => {
				await log.close();
				await store.remove();
			});
			const again = async () => {
				await log.close();
				log = await store.open();
				return log;
			};
			return { log, again };
		}

		test('[S1] numbers each room from 1 without a gap, in the order of the calls', async () => {
			const { log } = await start();
			const rooms = [newId(), newId(), newId()];
			const calls = Array.from({ length: 300 }, (_, index) => ({
				room: rooms[index % 3] ?? '',
				from: newId(),
				id: newId(),
				body: `body${index}`
			}));
			const appended = await Promise.all(calls.map((event) => log.append(event)));
			for (const room of rooms) {
				const mine = calls.flatMap((event, index) =>
					event.room === room ? [{ ...event, ...appended[index] }] : []
				);
				expect(mine.map(({ seq }) => seq)).toEqual(mine.map((_, index) => index + 1));
				const stored = await log.read(room, 0, WHOLE);
				expect(stored).toEqual(mine.map(({ seq, id, from, at, body }) => ({ seq, id, from, at, body })));
				expect(await log.head(room)).toBe(100);
			}
		});

		test('[S1] goes on counting where it stopped', async () => {
			const { log, again } = await start();
			const room = newId();
			await log.append({ room, from: newId(), id: newId(), body: 'first' });
			const later = await again();
			expect(await later.head(room)).toBe(1);
			expect(await later.append({ room, from: newId(), id: newId(), body: 'next' })).toMatchObject({
				seq: 2
			});
		});

		test('[S3] stores the same event once: in one turn, later, and after a restart', async () => {
			const { log, again } = await start();
			const event = { room: newId(), from: newId(), id: newId(), body: 'once' };
			const [first, second] = await Promise.all([log.append(event), log.append(event)]);
			expect(first).toMatchObject({ seq: 1, fresh: true });
			expect(second).toEqual({ ...first, fresh: false });
			await log.append({ ...event, id: newId() });
			expect(await log.append({ ...event, body: 'changed' })).toEqual({ ...first, fresh: false });
			const later = await again();
			expect(await later.append(event)).toEqual({ ...first, fresh: false });
			expect((await later.read(event.room, 0, WHOLE)).map(({ seq, body }) => [seq, body])).toEqual([
				[1, 'once'],
				[2, 'once']
			]);
		});

		test('[S3] the same id from another account or in another room is another event', async () => {
			const { log } = await start();
			const event = { room: newId(), from: newId(), id: newId(), body: 'same' };
			await log.append(event);
			expect(await log.append({ ...event, from: newId() })).toMatchObject({ seq: 2, fresh: true });
			expect(await log.append({ ...event, room: newId() })).toMatchObject({ seq: 1, fresh: true });
		});

		test('[S2] promises settle in the order of the calls', async () => {
			const { log } = await start();
			const room = newId();
			const settled: number[] = [];
			const all = Array.from({ length: 50 }, async () => {
				const { seq } = await log.append({ room, from: newId(), id: newId(), body: 'x' });
				settled.push(seq);
			});
			await Promise.all(all);
			expect(settled).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
		});

		test('[C5] pages end at either bound and never in the middle of an event', async () => {
			const { log } = await start();
			const room = newId();
			for (let index = 0; index < 10; index++) {
				await log.append({ room, from: newId(), id: newId(), body: 'b'.repeat(10) });
			}
			const seqs = async (after: number, events: number, chars: number) =>
				(await log.read(room, after, { events, chars })).map(({ seq }) => seq);
			expect(await seqs(0, 3, 1_000)).toEqual([1, 2, 3]);
			expect(await seqs(7, 100, 1_000)).toEqual([8, 9, 10]);
			expect(await seqs(0, 100, 25)).toEqual([1, 2]);
			expect(await seqs(4, 100, 5)).toEqual([5]);
			expect(await seqs(10, 100, 1_000)).toEqual([]);
			expect(await seqs(99, 100, 1_000)).toEqual([]);
		});

		test('an unknown room is empty', async () => {
			const { log } = await start();
			expect(await log.head(newId())).toBe(0);
			expect(await log.read(newId(), 0, WHOLE)).toEqual([]);
			await expect(log.check()).resolves.toBeUndefined();
		});

		test('a dropped room is gone, and no other', async () => {
			const { log } = await start();
			const [gone, kept] = [newId(), newId()];
			for (const room of [gone, kept]) await log.append({ room, from: newId(), id: newId(), body: 'x' });
			const late = log.append({ room: gone, from: newId(), id: newId(), body: 'late' });
			await log.drop(gone);
			await late;
			expect(await log.head(gone)).toBe(0);
			expect(await log.read(gone, 0, WHOLE)).toEqual([]);
			expect(await log.head(kept)).toBe(1);
			expect(
				await log.heads([gone, kept, newId()]).then((heads) => [heads.get(gone) ?? 0, heads.get(kept)])
			).toEqual([0, 1]);
		});

		test('a dropped room takes nothing any more, and others in the same turn do', async () => {
			const { log, again } = await start();
			const [gone, kept] = [newId(), newId()];
			const event = (room: string) => ({ room, from: newId(), id: newId(), body: 'x' });
			await log.append(event(gone));
			await log.drop(gone);
			const late = log.append(event(gone));
			const other = log.append(event(kept));
			await expect(late).rejects.toMatchObject({ name: 'LogError', kind: 'closed' });
			expect(await other).toMatchObject({ seq: 1 });
			const later = await again();
			await expect(later.append(event(gone))).rejects.toMatchObject({ kind: 'closed' });
			expect(await later.read(gone, 0, WHOLE)).toEqual([]);
		});

		test('[S7] an erased author keeps the numbers and loses the bodies, others lose nothing', async () => {
			const { log } = await start();
			const [room, author] = [newId(), newId()];
			await log.append({ room, from: author, id: newId(), body: 'mine' });
			await log.append({ room, from: newId(), id: newId(), body: 'theirs' });
			await log.erase(author);
			expect((await log.read(room, 0, WHOLE)).map(({ seq, body }) => [seq, body])).toEqual([
				[1, ''],
				[2, 'theirs']
			]);
		});

		test('[L6] what was accepted before the close is stored', async () => {
			const { log, again } = await start();
			const room = newId();
			const accepted = log.append({ room, from: newId(), id: newId(), body: 'last' });
			const later = await again();
			expect(await accepted).toMatchObject({ seq: 1 });
			expect(await later.head(room)).toBe(1);
		});
	});
}
