import { describe, expect, test } from 'vitest';
import type { EngineModel } from '#lib/engine/engine.ts';
import type { Footing } from '#lib/message/message.ts';
import { type Ground, Ladder, nextFooting, smallerWindow } from '#lib/responder/ladder.ts';

const ALL: Ground = { smaller: true, other: true };

/** Every footing that an answer which never gets on is tried on, in order. */
function descent(cause: string, ground: Ground): Footing[] {
	const tried: Footing[] = [];
	let footing: Footing = 'chosen';
	for (let tries = 1; tried.length < 20; tries++) {
		tried.push(footing);
		const next = nextFooting(cause, { footing, tries }, ground);
		if (next === undefined) return tried;
		if (next !== footing) tries = 0;
		footing = next;
	}
	throw new Error('it never ends');
}

describe('the ladder', () => {
	test.each<[string, Footing[]]>([
		['device-lost', ['chosen', 'chosen', 'smaller', 'other', 'other']],
		['worker-lost', ['chosen', 'chosen', 'smaller', 'other', 'other']],
		['out-of-memory', ['chosen', 'smaller', 'other']],
		['no-adapter', ['chosen', 'other']],
		['no-f16', ['chosen', 'other']],
		['download', ['chosen', 'other']],
		['integrity', ['chosen']],
		['context-overflow', ['chosen']],
		['unknown', ['chosen']]
	])('after %s leads over %j to a plain statement', (cause, footings) => {
		expect(descent(cause, ALL)).toEqual(footings);
	});

	test('has no rungs that there is no ground for', () => {
		expect(descent('device-lost', { smaller: false, other: true })).toEqual([
			'chosen',
			'chosen',
			'other',
			'other'
		]);
		expect(descent('out-of-memory', { smaller: false, other: false })).toEqual(['chosen']);
		expect(descent('no-adapter', { smaller: true, other: false })).toEqual(['chosen']);
	});

	test('bears a page that is closed a few times before it goes down', () => {
		expect(descent('interrupted', ALL).slice(0, 5)).toEqual([
			'chosen',
			'chosen',
			'chosen',
			'chosen',
			'smaller'
		]);
	});

	test('leads on where only the smaller context was too small for the question', () => {
		expect(nextFooting('context-overflow', { footing: 'smaller', tries: 1 }, ALL)).toBe('other');
	});

	test('as long as words come, the same is tried again', () => {
		expect(nextFooting('device-lost', { footing: 'chosen', tries: 0 }, ALL)).toBe('chosen');
	});

	test('halves a context, but not below what a conversation needs', () => {
		expect(smallerWindow(4096)).toBe(2048);
		expect(smallerWindow(2048)).toBe(1024);
		expect(smallerWindow(2000)).toBeUndefined();
	});
});

describe('where answers stand', () => {
	const gpu: EngineModel = { engine: 'webllm', id: 'big', contextWindow: 4096, url: '', library: '' };
	const cpu: EngineModel = { engine: 'wllama', id: 'small', contextWindow: 4096, weights: [] };
	const chosen = { name: 'Big', model: gpu };
	const fresh = { text: '', attempts: 0, footing: 'chosen', orphan: false } as const;
	const ladder = () => new Ladder(() => Promise.resolve({ name: 'Small', model: cpu }));

	test('what failed for one answer is not tried again for the next, until something else is chosen', async () => {
		const way = ladder();
		expect(await way.next(chosen, 'no-adapter', { footing: 'chosen', tries: 1 })).toBe('other');
		expect(await way.start(chosen, fresh)).toMatchObject({
			footing: 'other',
			standing: { name: 'Small' },
			cause: 'no-adapter'
		});
		const another = { name: 'Another', model: { ...gpu, id: 'another' } };
		const start = await way.start(another, fresh);
		expect(start).toMatchObject({ footing: 'chosen', standing: another });
		expect(start).not.toHaveProperty('cause');
	});

	test('an answer goes on where it stood when its tab died', async () => {
		expect(await ladder().start(chosen, { ...fresh, footing: 'smaller', orphan: true })).toMatchObject({
			standing: { name: 'Big', model: { id: 'big', contextWindow: 2048 } }
		});
	});

	test('an answer whose tabs die again and again, without a word, goes down and is given up at last', async () => {
		const way = ladder();
		const claim = { ...fresh, orphan: true };
		expect(await way.start(chosen, { ...claim, attempts: 3 })).toMatchObject({ footing: 'chosen' });
		expect(await ladder().start(chosen, { ...claim, attempts: 4 })).toMatchObject({
			footing: 'smaller',
			cause: 'interrupted'
		});
		expect(await ladder().start(chosen, { ...claim, footing: 'other', attempts: 4 })).toEqual({
			kind: 'give-up',
			cause: 'interrupted'
		});
	});
});
