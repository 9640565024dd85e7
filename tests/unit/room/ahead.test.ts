import { expect, test, vi } from 'vitest';
import { Ahead } from '#lib/room/ahead.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });
const PATIENT = { timeout: 25_000 };

/** Work whose ends the test decides about. */
function workshop(atOnce: number) {
	const begun: { name: string; end: PromiseWithResolvers<string> }[] = [];
	const ahead = new Ahead(({ name }: { name: string }) => {
		const end = Promise.withResolvers<string>();
		begun.push({ name, end });
		return end.promise;
	}, atOnce);
	return { ahead, begun, names: () => begun.map(({ name }) => name) };
}

const thing = (name: string) => ({ name });

test('work is begun in the order things came, so many at a time', async () => {
	const { ahead, begun, names } = workshop(2);
	const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ahead.of(thing(name)));
	expect(names()).toEqual(['a', 'b']);
	begun[1]?.end.resolve('B');
	expect(await b).toBe('B');
	await expect.poll(names, PATIENT).toEqual(['a', 'b', 'c']);
	begun[0]?.end.resolve('A');
	begun[2]?.end.resolve('C');
	expect(await Promise.all([a, c])).toEqual(['A', 'C']);
	await expect.poll(names, PATIENT).toEqual(['a', 'b', 'c', 'd']);
	begun[3]?.end.resolve('D');
	expect(await d).toBe('D');
	const later = ahead.of(thing('e'));
	await expect.poll(names, PATIENT).toEqual(['a', 'b', 'c', 'd', 'e']);
	begun[4]?.end.resolve('E');
	expect(await later).toBe('E');
});

test('each thing is worked on once, also when it failed, and a failure holds nobody up', async () => {
	const { ahead, begun, names } = workshop(1);
	const first = thing('a');
	const results = [ahead.of(first), ahead.of(thing('b'))];
	begun[0]?.end.reject(new Error('broken'));
	await expect(results[0]).rejects.toThrow('broken');
	await expect.poll(names, PATIENT).toEqual(['a', 'b']);
	begun[1]?.end.resolve('B');
	expect(await results[1]).toBe('B');
	await expect(ahead.of(first)).rejects.toThrow('broken');
	expect(names()).toEqual(['a', 'b']);
});
