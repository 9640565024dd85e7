import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Bulletin, type Channel } from '#lib/responder/bulletin.ts';
import type { ResponderStatus } from '#lib/responder/status.ts';

const open: Bulletin[] = [];
let rooms = 0;

/** Tabs of one device: bulletins on a real channel of this test's own. */
function tabs<Count extends number>(count: Count): Bulletin[] {
	rooms += 1;
	const made = Array.from({ length: count }, () => join(`bulletin-test-${rooms}`));
	return made;
}

function join(name: string): Bulletin {
	const bulletin = new Bulletin(new BroadcastChannel(name) as unknown as Channel);
	open.push(bulletin);
	return bulletin;
}

afterEach(() => {
	for (const bulletin of open.splice(0)) bulletin.close();
});

/** Follows an answer; `last` is the text that was told last. */
function watch(bulletin: Bulletin | undefined, message: string) {
	const told: string[] = [];
	const end = bulletin?.watch(message, (text) => told.push(text));
	return {
		told,
		end,
		get last() {
			return told.at(-1);
		}
	};
}

describe('an answer that one tab writes', () => {
	test('is told to all tabs, its own too, piece by piece', async () => {
		const [writer, reader] = tabs(2);
		const own = watch(writer, 'a');
		const other = watch(reader, 'a');
		writer?.begin('a', '');
		writer?.append('a', 'Hello');
		writer?.append('a', ' there');
		expect(own.last).toBe('Hello there');
		await vi.waitFor(() => expect(other.last).toBe('Hello there'));
		expect(other.told).toContain('Hello');
	});

	test('is told whole to a tab that comes in the middle', async () => {
		const [writer] = tabs(1);
		writer?.begin('a', 'Once ');
		writer?.append('a', 'upon');
		const late = watch(join(`bulletin-test-${rooms}`), 'a');
		await vi.waitFor(() => expect(late.last).toBe('Once upon'));
		writer?.append('a', ' a time');
		await vi.waitFor(() => expect(late.last).toBe('Once upon a time'));
	});

	test('is asked for again by a tab that has missed a piece', async () => {
		const [writer, reader] = tabs(2);
		const other = watch(reader, 'a');
		writer?.begin('a', 'one ');
		await vi.waitFor(() => expect(other.last).toBe('one '));
		const stray = new BroadcastChannel(`bulletin-test-${rooms}`);
		writer?.append('a', 'two');
		stray.postMessage({ kind: 'piece', message: 'a', offset: 400, text: 'from the future' });
		await vi.waitFor(() => expect(other.last).toBe('one two'));
		expect(other.told.join()).not.toContain('future');
		stray.close();
	});

	test('can be gone on with by the tab that saw it, from all it saw', async () => {
		const [dead, heir] = tabs(2);
		dead?.begin('a', 'Half');
		await vi.waitFor(() => expect(heir?.seen('a')).toBe('Half'));
		dead?.close();
		heir?.begin('a', heir.seen('a'));
		heir?.append('a', ' and half');
		expect(heir?.seen('a')).toBe('Half and half');
	});

	test('is forgotten everywhere at its end', async () => {
		const [writer, reader] = tabs(2);
		writer?.begin('a', 'text');
		await vi.waitFor(() => expect(reader?.seen('a')).toBe('text'));
		writer?.end('a');
		expect(writer?.seen('a')).toBe('');
		await vi.waitFor(() => expect(reader?.seen('a')).toBe(''));
	});

	test('is no longer told to a watcher that has left', () => {
		const [writer] = tabs(1);
		const own = watch(writer, 'a');
		own.end?.();
		writer?.begin('a', 'text');
		expect(own.told).toEqual([]);
	});
});

test('the status reaches every tab, a later one too', async () => {
	const [owner, reader] = tabs(2);
	const seen: ResponderStatus[] = [];
	reader?.watchStatus((status) => seen.push(status));
	owner?.announce({ kind: 'loading', model: 'm', share: 0.5 });
	await vi.waitFor(() => expect(seen.at(-1)).toEqual({ kind: 'loading', model: 'm', share: 0.5 }));
	const late: ResponderStatus[] = [];
	join(`bulletin-test-${rooms}`).watchStatus((status) => late.push(status));
	await vi.waitFor(() => expect(late.at(-1)).toEqual({ kind: 'loading', model: 'm', share: 0.5 }));
});

test('what is no frame is passed over', async () => {
	const [writer, reader] = tabs(2);
	const other = watch(reader, 'a');
	const stray = new BroadcastChannel(`bulletin-test-${rooms}`);
	for (const nonsense of [null, 1, 'piece', {}, { kind: 'unknown' }]) stray.postMessage(nonsense);
	writer?.begin('a', 'still here');
	await vi.waitFor(() => expect(other.last).toBe('still here'));
	stray.close();
});
