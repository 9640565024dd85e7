import Dexie from 'dexie';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { History } from '#lib/history/history.ts';
import { Database } from '#lib/history/schema.ts';
import { markPlaces, Marks } from '#lib/history/search/blocks.ts';
import { SearchIndex } from '#lib/history/search/index.ts';
import { matchesOf, readQuery } from '#lib/history/search/terms.ts';

let history: History;
let database: Database;
let index: SearchIndex;

beforeEach(async () => {
	const name = `test-${crypto.randomUUID()}`;
	let time = 1000;
	history = new History({ now: () => ++time, newId: () => crypto.randomUUID() }, name);
	await history.open();
	database = new Database(name);
	index = new SearchIndex(database);
});

afterEach(async () => {
	history.close();
	database.close();
	await Dexie.delete(database.name);
});

async function found(query: string): Promise<string[]> {
	await index.update();
	return (await index.search(query, 1000)).hits.map(({ message }) => message.text);
}

/** How many messages each segment of the index has, the oldest first. */
async function segments(): Promise<number[]> {
	return (await database.searchSegments.orderBy(':id').toArray()).map(({ messages }) => messages);
}

/** How many messages are listed under the term. */
async function listed(term: string): Promise<number> {
	let count = 0;
	for (const { bytes, segment } of await database.searchBlocks.toArray()) {
		const places = (await database.searchSegments.get(segment))?.messages ?? 0;
		const marks = new Marks(places);
		markPlaces(bytes, places, { term, prefix: false }, marks);
		for (let place = 0; place < places; place++) if (marks.has(place)) count++;
	}
	return count;
}

const usage = { promptTokens: 3, completionTokens: 2, timeToFirstToken: 5, tokensPerSecond: 7 };

describe('the index follows the history', () => {
	test('what is asked and what is answered is found, the newest first, in Chinese too', async () => {
		const { answer } = await history.messages.ask('What is an alcove?');
		expect(await found('alcove')).toEqual(['What is an alcove?']);
		await (
			await history.jobs()
		).end(answer, { kind: 'done', at: 1, usage, reason: 'end' }, 'Alcove: 壁龛，小房间');
		expect(await found('alco')).toEqual(['Alcove: 壁龛，小房间', 'What is an alcove?']);
		expect(await found('小房')).toEqual(['Alcove: 壁龛，小房间']);
		expect(await found('间')).toEqual(['Alcove: 壁龛，小房间']);
		expect(await database.changes.count()).toBe(0);
	});

	test('a text that was changed is found by its new words, not by the old', async () => {
		const { question } = await history.messages.ask('red wine');
		expect(await found('wine')).toHaveLength(1);
		await database.messages.update(question, { text: 'red cheese' });
		expect(await found('wine')).toEqual([]);
		expect(await found('red cheese')).toEqual(['red cheese']);
	});

	test('a title is found as it is now, without a word of it in the messages, in Chinese too', async () => {
		const { conversation } = await history.messages.ask('How is bread made?');
		await history.messages.ask('Something else');
		const titled = async (query: string) =>
			(await index.search(query, 1000)).titles.map(({ conversation: { title }, ranges }) => [title, ranges]);
		expect(await titled('bre')).toEqual([['How is bread made?', [[7, 10]]]]);
		await history.conversations.rename(conversation, '周末 Café');
		await expect.poll(() => titled('cafe')).toEqual([['周末 Café', [[3, 7]]]]);
		expect(await titled('末')).toEqual([['周末 Café', [[1, 2]]]]);
		expect(await titled('bread')).toEqual([]);
		await history.conversations.remove(conversation);
		await expect.poll(() => titled('cafe')).toEqual([]);
	});

	test('a deleted conversation is not found; an erased one leaves no word behind', async () => {
		const { conversation } = await history.messages.ask('secret plan');
		await history.messages.ask('public plan');
		expect(await found('plan')).toHaveLength(2);
		await history.conversations.remove(conversation);
		expect(await found('plan')).toEqual(['public plan']);
		await history.conversations.restore(conversation);
		expect(await found('plan')).toHaveLength(2);
		await history.conversations.remove(conversation);
		await history.conversations.purge(Infinity);
		expect(await found('plan')).toEqual(['public plan']);
		expect([await listed('secret'), await listed('public'), await listed('plan')]).toEqual([0, 1, 1]);
		expect(await segments()).toEqual([1]);
		expect(await database.searchIds.count()).toBe(1);
	});

	test('more than were asked for are announced', async () => {
		for (const text of ['one plan', 'two plans', 'three plans']) await history.messages.ask(text);
		await index.update();
		const { hits, more } = await index.search('plan', 2);
		expect([hits.length, more]).toEqual([2, true]);
		expect((await index.search('plan', 3)).more).toBe(false);
	});
});

test('what lies in the trash is passed over, however many there are before the rest', async () => {
	await history.messages.ask('one plan');
	for (let n = 0; n < 60; n++) {
		const { conversation } = await history.messages.ask(`plan ${n}`);
		if (n > 1) await history.conversations.remove(conversation);
	}
	await index.update();
	const texts = async (limit: number, glance: boolean) => {
		const { hits, more } = await index.search('plan', limit, glance);
		return [hits.map(({ message }) => message.text), more];
	};
	expect(await texts(3, false)).toEqual([['plan 1', 'plan 0', 'one plan'], false]);
	expect(await texts(2, false)).toEqual([['plan 1', 'plan 0'], true]);
	expect((await texts(3, true))[0]).toEqual(['plan 1', 'plan 0', 'one plan']);
});

test('a glance is content with some where many have the words and few the words together', async () => {
	const together = [3, 40, 90, 180];
	for (let n = 0; n < 200; n++)
		await history.messages.ask(together.includes(n) ? `第${n}：甲乙丙` : `第${n}：甲乙，乙丙`);
	await index.update();
	const glance = await index.search('甲乙丙', 10, true);
	expect([glance.hits.map(({ message }) => message.text), glance.more]).toEqual([['第180：甲乙丙'], true]);
	const all = await index.search('甲乙丙', 10);
	expect([all.hits.length, all.more]).toEqual([4, false]);
	// until something is found it goes on
	const rare = await index.search('甲乙丙 第3', 10, true);
	expect([rare.hits.map(({ message }) => message.text), rare.more]).toEqual([['第3：甲乙丙'], false]);
});

test('a history that was written before there was an index is taken in', async () => {
	const { name } = database;
	const { conversation } = await history.messages.ask('an old question');
	await database.changes.clear();
	await database.changes.add({ message: null });
	expect(name).toBe(database.name);
	expect(await found('old')).toEqual(['an old question']);
	await history.messages.ask('an old and a new question', conversation);
	expect(await found('old')).toEqual(['an old and a new question', 'an old question']);
});

test('messages that come one by one are listed in few segments, and found in all of them', async () => {
	const texts = Array.from({ length: 70 }, (_, n) => `plan ${n % 7} of ${n}`);
	for (const text of texts) {
		await history.messages.ask(text);
		await index.update();
	}
	const sizes = await segments();
	expect(sizes.length).toBeLessThan(5);
	expect(sizes.reduce((sum, size) => sum + size)).toBe(70);
	expect(await found('plan')).toEqual(texts.toReversed());
	expect(await found('plan 3')).toEqual(texts.filter((_, n) => n % 7 === 3).reverse());
	expect(await found('of 69')).toEqual(['plan 6 of 69']);
});

test('a message that was changed after others were listed is found once, as the newest', async () => {
	const asked = [];
	for (let n = 0; n < 40; n++) asked.push((await history.messages.ask(`plan ${n}`)).question);
	await index.update();
	await database.messages.update(asked[3] ?? '', { text: 'plan 3, made better' });
	const plans = await found('plan');
	expect(plans).toHaveLength(40);
	expect(plans[0]).toBe('plan 3, made better');
	expect(await segments()).toEqual([40, 1]);
});

test('whatever is written and erased, the index finds what reading everything finds', async () => {
	let seed = 20_261_120;
	const random = (below: number) => {
		seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
		return Math.floor((seed / 2 ** 31) * below);
	};
	const pieces = [
		'red',
		'reading',
		'ready',
		'x',
		'学',
		'习',
		'学习',
		'机器',
		'，',
		' ',
		' ',
		'\n',
		'Ärger',
		'7'
	];
	const text = (length: number) => Array.from({ length }, () => pieces[random(pieces.length)]).join('');
	for (let round = 0; round < 12; round++) {
		for (let count = 0; count < 8; count++) await history.messages.ask(`${text(12)}.`);
		const rows = await database.messages.toArray();
		const some = rows[random(rows.length)];
		if (some) await database.messages.delete(some.id);
		const other = rows[random(rows.length)];
		if (other) await database.messages.update(other.id, { text: text(9) });
		await index.update();
		const all = await database.messages.toArray();
		for (let count = 0; count < 15; count++) {
			const query = text(1 + random(3));
			const wanted = readQuery(query);
			const expected =
				wanted.length === 0 ? [] : all.filter((row) => row.text && matchesOf(row.text, wanted));
			const { hits } = await index.search(query, 1000);
			expect(hits.map(({ message }) => message.id).sort(), JSON.stringify(query)).toEqual(
				expected.map(({ id }) => id).sort()
			);
		}
	}
});
