import Dexie from 'dexie';
import { afterEach, describe, expect, test } from 'vitest';
import { History } from '#lib/history/history.ts';
import type { Live } from '#lib/history/live.ts';
import { SCHEMA_VERSION } from '#lib/history/schema.ts';

const opened: { history: History; name: string }[] = [];

/** A history of its own, with a clock that ticks at each look and ids that count. */
async function freshHistory(name = `test-${crypto.randomUUID()}`) {
	let time = 1000;
	let count = 0;
	const history = new History({ now: () => ++time, newId: () => `${name}-${++count}` }, name);
	opened.push({ history, name });
	await history.open();
	return history;
}

function first<T>(live: Live<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		const end = live.subscribe((value) => {
			resolve(value);
			queueMicrotask(() => end());
		}, reject);
	});
}

afterEach(async () => {
	for (const { history, name } of opened.splice(0)) {
		history.close();
		await Dexie.delete(name);
	}
});

const usage = { promptTokens: 3, completionTokens: 2, timeToFirstToken: 5, tokensPerSecond: 7 };

describe('asking', () => {
	test('adds the conversation, the question and a queued answer at once', async () => {
		const history = await freshHistory();
		const { conversation, question, answer } = await history.messages.ask('What is an alcove?\nIn short.');
		const path = await history.messages.readPath(conversation, 10);
		expect(path?.conversation.title).toBe('What is an alcove?');
		expect(path?.entries.map(({ message }) => message.id)).toEqual([question, answer]);
		expect(path?.entries[1]?.message).toMatchObject({
			role: 'assistant',
			parent: question,
			depth: 1,
			text: ''
		});
		expect((await first(history.messages.openAnswers())).map(({ id }) => id)).toEqual([answer]);
	});

	test('in a conversation that is not here is refused, and nothing is written', async () => {
		const history = await freshHistory();
		await expect(history.messages.ask('Hello', 'nowhere')).rejects.toMatchObject({
			name: 'HistoryError',
			kind: 'missing'
		});
		expect(await first(history.messages.openAnswers())).toEqual([]);
	});

	test('a path shows only its end, and says how much came before', async () => {
		const history = await freshHistory();
		const { conversation } = await history.messages.ask('1');
		for (const text of ['2', '3', '4']) await history.messages.ask(text, conversation);
		const path = await history.messages.readPath(conversation, 3);
		expect(path?.entries.map(({ message }) => message.text)).toEqual(['', '4', '']);
		expect(path?.earlier).toBe(5);
	});
});

describe('a part of a path', () => {
	/** A conversation of `count` questions and their answers, read in the midst up to a depth. */
	async function middle(count: number, first: number, last: number) {
		const history = await freshHistory();
		const { conversation } = await history.messages.ask('0');
		for (let n = 1; n < count; n++) await history.messages.ask(String(n), conversation);
		const trail = await history.trail();
		const read = () =>
			history.messages.readPath(conversation, 3, { first, end: (leaf) => trail.at(leaf, last) });
		return { history, conversation, read };
	}

	test('in its midst is told with how much comes before and after', async () => {
		const { read } = await middle(10, 4, 8);
		const path = await read();
		expect(path?.entries.map(({ message }) => message.depth)).toEqual([4, 5, 6, 7, 8]);
		expect(path).toMatchObject({ earlier: 4, later: 11, leaf: { depth: 19 } });
	});

	test('has the least number of messages, wherever it is said to begin', async () => {
		const { read } = await middle(10, 8, 8);
		expect((await read())?.entries.map(({ message }) => message.depth)).toEqual([6, 7, 8]);
	});

	test('is of the branch that is shown, and of another one when that is', async () => {
		const { history, conversation, read } = await middle(300, 2, 6);
		const before = (await read())?.entries[2]?.message;
		if (!before) throw new Error('the path is shorter than it should be');
		const branches = await history.branches();
		const edited = await branches.edit(before.id, 'Otherwise');
		expect((await read())?.entries.map(({ message }) => message.id)).toContain(edited);
		expect(await read()).toMatchObject({ later: 0, leaf: { depth: 5 } });
		await branches.show(before.id);
		expect(await read()).toMatchObject({ later: 593, leaf: { depth: 599 } });
		expect((await read())?.entries[2]?.message.id).toBe(before.id);

		const leaf = (await history.messages.readPath(conversation, 1))?.conversation.leaf;
		await branches.show(before.parent ?? '');
		const shown = await history.messages.readPath(conversation, 1);
		expect(shown?.conversation.leaf, 'what is on the path already stays on it').toBe(leaf);
	});
});

describe('versions', () => {
	test('a retry stands beside the earlier answer, and either can be shown', async () => {
		const history = await freshHistory();
		const { conversation, answer } = await history.messages.ask('Hello');
		await (await history.jobs()).end(answer, { kind: 'done', at: 1, usage, reason: 'end' }, 'One');
		const again = await (await history.branches()).retry(answer);
		const shown = await history.messages.readPath(conversation, 10);
		expect(shown?.entries[1]?.message.id).toBe(again);
		expect(shown?.entries[1]?.versions).toEqual([answer, again]);
		await (await history.branches()).show(answer);
		expect((await history.messages.readPath(conversation, 10))?.entries[1]?.message.text).toBe('One');
	});
});

describe('an answer as a job', () => {
	test('is claimed, checkpointed and ended; its draft goes', async () => {
		const history = await freshHistory();
		const { answer } = await history.messages.ask('Hello');
		expect(await (await history.jobs()).claim(answer, 'tab')).toMatchObject({ text: '', attempts: 0 });
		await (await history.jobs()).checkpoint(answer, 'Half');
		expect(await (await history.jobs()).draft(answer)).toBe('Half');
		await (await history.jobs()).end(answer, { kind: 'done', at: 9, usage, reason: 'end' }, 'Half and half');
		expect(await (await history.jobs()).draft(answer)).toBeUndefined();
		expect(await first(history.messages.openAnswers())).toEqual([]);
	});

	test('left by a dead writer is claimed again with its text; tries in vain are counted, and told', async () => {
		const history = await freshHistory();
		const jobs = await history.jobs();
		const { conversation, answer } = await history.messages.ask('Hello');
		const row = async () => (await history.messages.readPath(conversation, 10))?.entries[1]?.message;
		await jobs.claim(answer, 'dead');
		expect(await jobs.claim(answer, 'dead too')).toMatchObject({ attempts: 1, orphan: true });
		expect(await row(), 'nothing was written, so nothing was cut').not.toHaveProperty('mishap');
		await jobs.checkpoint(answer, 'Half');
		const claimed = await jobs.claim(answer, 'heir');
		expect(claimed).toEqual({ text: 'Half', attempts: 0, footing: 'chosen', orphan: true });
		expect(await row()).toMatchObject({ mishap: { cause: 'interrupted', then: 'chosen' } });
		await jobs.goOn(answer, 'Half a', 'device-lost', 'other');
		expect(await row()).toMatchObject({ mishap: { cause: 'device-lost', then: 'other' } });
		expect(await jobs.claim(answer, 'heir')).toEqual({
			text: 'Half a',
			attempts: 0,
			footing: 'other',
			orphan: false
		});
	});

	test('that was to be stopped when its writer died keeps its text and is not taken up', async () => {
		const history = await freshHistory();
		const { conversation, answer } = await history.messages.ask('Hello');
		await (await history.jobs()).claim(answer, 'dead');
		await (await history.jobs()).checkpoint(answer, 'Half');
		await (await history.jobs()).requestStop(answer);
		expect(await (await history.jobs()).claim(answer, 'heir')).toBeUndefined();
		const entry = (await history.messages.readPath(conversation, 10))?.entries[1]?.message;
		expect(entry).toMatchObject({ text: 'Half', state: { kind: 'stopped' } });
	});

	test('a stopped one resumes from the text it has', async () => {
		const history = await freshHistory();
		const { answer } = await history.messages.ask('Hello');
		await (await history.jobs()).claim(answer, 'tab');
		await (await history.jobs()).end(answer, { kind: 'stopped', at: 9 }, 'Half');
		await (await history.jobs()).resume(answer);
		expect(await (await history.jobs()).claim(answer, 'tab')).toMatchObject({ text: 'Half', attempts: 0 });
	});

	test('its context is the path to its question, not the other branches', async () => {
		const history = await freshHistory();
		const { conversation, answer } = await history.messages.ask('Hello');
		await (await history.jobs()).end(answer, { kind: 'done', at: 1, usage, reason: 'end' }, 'One');
		await (await history.branches()).retry(answer);
		const next = await history.messages.ask('And?', conversation);
		const open = await first(history.messages.openAnswers());
		const job = open.find(({ id }) => id === next.answer);
		if (!job) throw new Error('the answer is not open');
		expect((await (await history.jobs()).contextOf(job)).map(({ text }) => text)).toEqual([
			'Hello',
			'',
			'And?'
		]);
	});
});

describe('conversations', () => {
	test('are listed newest first, renamed, deleted and restored', async () => {
		const history = await freshHistory();
		const one = (await history.messages.ask('One')).conversation;
		const two = (await history.messages.ask('Two')).conversation;
		await history.conversations.rename(one, '  Uno  ');
		await history.conversations.remove(two);
		expect((await first(history.conversations.newest(10))).map(({ title }) => title)).toEqual(['Uno']);
		await history.conversations.restore(two);
		expect((await first(history.conversations.newest(10))).map(({ title }) => title)).toEqual(['Two', 'Uno']);
	});

	test('purging erases a deleted one with its messages and leaves the others', async () => {
		const history = await freshHistory();
		const one = await history.messages.ask('One');
		const two = await history.messages.ask('Two');
		await (await history.jobs()).checkpoint(one.answer, 'Half');
		await history.conversations.remove(one.conversation);
		await history.conversations.purge(Infinity);
		expect(await (await history.jobs()).draft(one.answer)).toBeUndefined();
		await expect(history.conversations.restore(one.conversation)).rejects.toMatchObject({ kind: 'missing' });
		expect(await history.messages.readPath(two.conversation, 10)).toBeDefined();
		expect((await first(history.messages.openAnswers())).map(({ id }) => id)).toEqual([two.answer]);
	});
});

describe('opening', () => {
	test('refuses a database that a later version wrote, and leaves it as it is', async () => {
		const name = `test-${crypto.randomUUID()}`;
		const later = new Dexie(name);
		later.version(SCHEMA_VERSION + 1).stores({ conversations: 'id', thoughts: 'id' });
		await later.open();
		await later.table('thoughts').add({ id: 'kept' });
		later.close();
		await expect(freshHistory(name)).rejects.toMatchObject({ name: 'HistoryError', kind: 'newer' });
		await later.open();
		expect(await later.table('thoughts').get('kept')).toEqual({ id: 'kept' });
		later.close();
	});

	test('a reopened history holds what was written', async () => {
		const name = `test-${crypto.randomUUID()}`;
		const before = await freshHistory(name);
		const { conversation } = await before.messages.ask('Hello');
		before.close();
		const after = await freshHistory(name);
		expect((await after.messages.readPath(conversation, 10))?.entries[0]?.message.text).toBe('Hello');
	});
});

test('settings are kept and forgotten', async () => {
	const history = await freshHistory();
	await history.settings.set('model', { id: 'self-test' });
	expect(await history.settings.get('model')).toEqual({ id: 'self-test' });
	await history.settings.set('model', undefined);
	expect(await history.settings.get('model')).toBeUndefined();
});

describe('pinning', () => {
	test('puts a conversation on top whatever is newer, until it is unpinned', async () => {
		const history = await freshHistory();
		const ids: string[] = [];
		for (const text of ['one', 'two', 'three']) ids.push((await history.messages.ask(text)).conversation);
		const listed = async () =>
			(await first(history.conversations.newest(2))).map(({ title, pinnedAt }) => [
				title,
				pinnedAt !== undefined
			]);
		await history.conversations.pin(ids[0] ?? '', true);
		expect(await listed()).toEqual([
			['one', true],
			['three', false]
		]);
		await history.conversations.pin(ids[0] ?? '', false);
		expect(await listed()).toEqual([
			['three', false],
			['two', false]
		]);
	});

	test('a conversation that is not here cannot be pinned', async () => {
		const history = await freshHistory();
		await expect(history.conversations.pin('nowhere', true)).rejects.toMatchObject({ kind: 'missing' });
	});
});
