import { BroadcastChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Channel } from '#lib/responder/bulletin.ts';
import { type CountHere, Counting } from '#lib/responder/counting.ts';

const channels: BroadcastChannel[] = [];
afterEach(() => {
	for (const channel of channels.splice(0)) channel.close();
});

let rooms = 0;
/** Tabs of one device, each with its engine or without. */
function tabs(...engines: CountHere[]): Counting[] {
	rooms += 1;
	return engines.map((count, index) => {
		const channel = new BroadcastChannel(`counting-test-${rooms}`);
		channels.push(channel);
		return new Counting(channel as unknown as Channel, `tab ${index}`, count);
	});
}

const none: CountHere = () => Promise.resolve(undefined);
const letters: CountHere = (_, text) => Promise.resolve(text.length);
const forever = new AbortController().signal;

describe('a text', () => {
	test('is counted by the tab’s own engine, and known from then on', async () => {
		const engine = vi.fn(letters);
		const [tab] = tabs(engine);
		const ruler = tab?.ruler('tiny', 4096);
		expect(ruler?.known('hello')).toBeUndefined();
		expect(await ruler?.count('hello', forever)).toBe(5);
		expect(ruler?.known('hello')).toBe(5);
		expect(ruler?.known('')).toBe(0);
		expect(engine).toHaveBeenCalledWith('tiny', 'hello', forever);
	});

	test('is counted by the tab that has the engine', async () => {
		const [asks] = tabs(none, none, letters);
		expect(await asks?.ruler('tiny', 4096).count('hello', forever)).toBe(5);
		expect(asks?.ruler('tiny', 4096).known('hello')).toBe(5);
	});

	test('has no count where no tab has the model, once the asker gives up', async () => {
		const [asks] = tabs(none, none);
		const abort = new AbortController();
		const count = asks?.ruler('tiny', 4096).count('hello', abort.signal);
		abort.abort();
		expect(await count).toBeUndefined();
		expect(await asks?.ruler('tiny', 4096).count('hello', AbortSignal.abort())).toBeUndefined();
	});

	test('that nobody waits for any more is not counted: the next question of its tab replaces it', async () => {
		const first = Promise.withResolvers<AbortSignal>();
		const [asks] = tabs(none, async (_, text, signal) => {
			if (text !== 'first') return text.length;
			first.resolve(signal);
			await new Promise((resolve) => signal.addEventListener('abort', resolve));
			return undefined;
		});
		const ruler = asks?.ruler('tiny', 4096);
		const abort = new AbortController();
		const given = ruler?.count('first', abort.signal);
		const signal = await first.promise;
		abort.abort();
		expect(await given).toBeUndefined();
		expect(await ruler?.count('second', forever)).toBe(6);
		expect(signal.aborted).toBe(true);
	});

	test('that would hold up the engine is not counted at all', async () => {
		const engine = vi.fn(letters);
		const [tab] = tabs(engine);
		expect(await tab?.ruler('tiny', 4096).count('x'.repeat(200_001), forever)).toBeUndefined();
		expect(engine).not.toHaveBeenCalled();
	});
});

test('what one model has counted is not known of another', async () => {
	const [tab] = tabs(letters);
	const tiny = tab?.ruler('tiny', 4096);
	await tiny?.count('hello', forever);
	expect(tab?.ruler('large', 4096).known('hello')).toBeUndefined();
	expect(tiny?.known('hello')).toBeUndefined();
});

test('what is no question of this version is passed over', async () => {
	const engine = vi.fn(letters);
	const [asks] = tabs(none, engine);
	const [channel] = channels;
	for (const odd of [null, 7, {}, { kind: 'count', from: 1 }, { kind: 'toString' }])
		channel?.postMessage(odd);
	expect(await asks?.ruler('tiny', 4096).count('ok', forever)).toBe(2);
	expect(engine).toHaveBeenCalledTimes(1);
});
