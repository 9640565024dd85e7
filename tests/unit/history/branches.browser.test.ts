import Dexie from 'dexie';
import { afterEach, describe, expect, test } from 'vitest';
import { History } from '#lib/history/history.ts';

const opened: { history: History; name: string }[] = [];

/** A history of its own, with a clock that ticks at each look and ids that count. */
async function freshHistory(name = `test-${crypto.randomUUID()}`) {
	let time = 1000;
	let count = 0;
	const history = new History({ now: () => ++time, newId: () => `${name}-${++count}` }, name);
	opened.push({ history, name });
	await history.open();
	return { history, jobs: await history.jobs(), branches: await history.branches() };
}

type Fresh = Awaited<ReturnType<typeof freshHistory>>;

afterEach(async () => {
	for (const { history, name } of opened.splice(0)) {
		history.close();
		await Dexie.delete(name);
	}
});

const usage = { promptTokens: 3, completionTokens: 2, timeToFirstToken: 5, tokensPerSecond: 7 };

/** Asks and has it answered. */
async function exchange({ history, jobs }: Fresh, question: string, answer: string, conversation?: string) {
	const made = await history.messages.ask(question, conversation);
	await jobs.end(made.answer, { kind: 'done', at: 1, usage, reason: 'end' }, answer);
	return made;
}

/** What is shown: each text with its place among its versions. */
async function shown({ history }: Fresh, conversation: string): Promise<string[] | undefined> {
	const path = await history.messages.readPath(conversation, 100);
	return path?.entries.map(
		({ message, versions }) => `${message.text} ${versions.indexOf(message.id) + 1}/${versions.length}`
	);
}

describe('editing a question', () => {
	test('makes a version of it with an answer to come; the earlier one keeps all that followed', async () => {
		const fresh = await freshHistory();
		const { conversation, question } = await exchange(fresh, 'One', 'First');
		await exchange(fresh, 'Two', 'Second', conversation);
		const edited = await fresh.branches.edit(question, 'Uno');
		expect(await shown(fresh, conversation)).toEqual(['Uno 2/2', ' 1/1']);
		const path = await fresh.history.messages.readPath(conversation, 100);
		expect(path?.entries[0]?.message.id).toBe(edited);
		expect(path?.entries[1]?.message).toMatchObject({ parent: edited, state: { kind: 'queued' } });
		await fresh.branches.show(question);
		expect(await shown(fresh, conversation)).toEqual(['One 1/2', 'First 1/1', 'Two 1/1', 'Second 1/1']);
	});

	test('stops the answer to the earlier version, which keeps its text', async () => {
		const fresh = await freshHistory();
		const { conversation, question, answer } = await fresh.history.messages.ask('One');
		await fresh.jobs.claim(answer, 'tab');
		await fresh.branches.edit(question, 'Uno');
		await fresh.jobs.checkpoint(answer, 'Half');
		expect(await fresh.jobs.claim(answer, 'tab')).toBeUndefined();
		await fresh.branches.show(question);
		expect(await shown(fresh, conversation)).toEqual(['One 1/2', 'Half 1/1']);
	});

	test('of an answer, or of what is not here, is refused and writes nothing', async () => {
		const fresh = await freshHistory();
		const { conversation, answer } = await exchange(fresh, 'One', 'First');
		await expect(fresh.branches.edit(answer, 'x')).rejects.toMatchObject({ kind: 'missing' });
		await expect(fresh.branches.edit('nowhere', 'x')).rejects.toMatchObject({ kind: 'missing' });
		expect(await shown(fresh, conversation)).toEqual(['One 1/1', 'First 1/1']);
	});
});

describe('what the model saw', () => {
	test('is marked in a fork at its own messages, the summary too', async () => {
		const fresh = await freshHistory();
		const one = await exchange(fresh, 'One', 'First');
		const two = await exchange(fresh, 'Two', 'Second', one.conversation);
		await fresh.jobs.sign(two.answer, { model: 'tiny', engine: 'wllama', from: two.question });
		const summaries = await fresh.history.summaries();
		await summaries.write(one.answer, 'They count.', { by: 'tiny', from: one.question });
		const fork = await fresh.branches.fork(two.answer);
		const path = await fresh.history.messages.readPath(fork, 100);
		const [first, second, third, last] = path?.entries.map(({ message }) => message) ?? [];
		expect(last).toMatchObject({ writer: { model: 'tiny', from: third?.id } });
		expect(third?.id).not.toBe(two.question);
		expect(second?.summary).toMatchObject({ text: 'They count.', by: 'tiny', from: first?.id });
	});

	test('of earlier words is not told of the words they were changed to', async () => {
		const fresh = await freshHistory();
		const { conversation, question } = await exchange(fresh, 'One', 'First');
		await (await fresh.history.summaries()).write(question, 'They said one.');
		await fresh.branches.edit(question, 'Uno');
		const path = await fresh.history.messages.readPath(conversation, 100);
		expect(path?.entries[0]?.message).not.toHaveProperty('summary');
		await fresh.branches.show(question);
		const before = await fresh.history.messages.readPath(conversation, 100);
		expect(before?.entries[0]?.message.summary?.text).toBe('They said one.');
	});

	test('in a summary can be changed, thrown away and put back, to the letter', async () => {
		const fresh = await freshHistory();
		const { conversation, question } = await exchange(fresh, 'One', 'First');
		const summaries = await fresh.history.summaries();
		const kept = async () =>
			(await fresh.history.messages.readPath(conversation, 9))?.entries[0]?.message.summary;
		await summaries.write(question, 'Their words.', { by: 'tiny', from: question });
		await summaries.edit(question, 'My words.');
		const edited = await kept();
		expect(edited).toEqual({ text: 'My words.', at: edited?.at, from: question });
		const removed = await summaries.remove(question);
		expect(await kept()).toBeUndefined();
		await expect(summaries.edit(question, 'x')).rejects.toMatchObject({ kind: 'missing' });
		await expect(summaries.remove(question)).rejects.toMatchObject({ kind: 'missing' });
		await summaries.restore(question, removed);
		expect(await kept()).toEqual(edited);
		await expect(summaries.write('nowhere', 'x')).rejects.toMatchObject({ kind: 'missing' });
	});
});

describe('deleting a message', () => {
	test('takes all that follows with it, and is undone as a whole', async () => {
		const fresh = await freshHistory();
		const { conversation } = await exchange(fresh, 'One', 'First');
		const two = await exchange(fresh, 'Two', 'Second', conversation);
		const removal = await fresh.branches.remove(two.question);
		expect(await shown(fresh, conversation)).toEqual(['One 1/1', 'First 1/1']);
		await fresh.branches.restore(removal);
		expect(await shown(fresh, conversation)).toEqual(['One 1/1', 'First 1/1', 'Two 1/1', 'Second 1/1']);
	});

	test('shows the version before it, and counts it no more', async () => {
		const fresh = await freshHistory();
		const { conversation, answer } = await exchange(fresh, 'One', 'First');
		const second = await fresh.branches.retry(answer);
		const third = await fresh.branches.retry(answer);
		await fresh.branches.show(second);
		await fresh.branches.remove(second);
		expect(await shown(fresh, conversation)).toEqual(['One 1/1', 'First 1/2']);
		await fresh.branches.remove(answer);
		const path = await fresh.history.messages.readPath(conversation, 100);
		expect(path?.entries[1]?.versions).toEqual([third]);
	});

	test('undone shows the path that was shown, and leaves deleted what was so before', async () => {
		const fresh = await freshHistory();
		const { conversation, question, answer } = await exchange(fresh, 'One', 'First');
		const again = await fresh.branches.retry(answer);
		await fresh.jobs.end(again, { kind: 'done', at: 1, usage, reason: 'end' }, 'Other');
		await fresh.branches.remove(again);
		const removal = await fresh.branches.remove(question);
		expect(await shown(fresh, conversation)).toEqual([]);
		await fresh.branches.restore(removal);
		expect(await shown(fresh, conversation)).toEqual(['One 1/1', 'First 1/1']);
	});

	test('stops its answer; it comes back stopped, with its text', async () => {
		const fresh = await freshHistory();
		const { conversation, question, answer } = await fresh.history.messages.ask('One');
		await fresh.jobs.claim(answer, 'tab');
		await fresh.jobs.checkpoint(answer, 'Half');
		const removal = await fresh.branches.remove(question);
		await fresh.jobs.end(answer, { kind: 'stopped', at: 9 });
		expect(await shown(fresh, conversation)).toEqual([]);
		await fresh.branches.restore(removal);
		const path = await fresh.history.messages.readPath(conversation, 100);
		expect(path?.entries[1]?.message).toMatchObject({ text: 'Half', state: { kind: 'stopped' } });
		expect(path?.entries[1]?.message).not.toHaveProperty('deletedAt');
	});

	test('leaves nothing to be shown, edited, tried again or forked', async () => {
		const fresh = await freshHistory();
		const { question, answer } = await exchange(fresh, 'One', 'First');
		await fresh.branches.remove(question);
		const missing = { name: 'HistoryError', kind: 'missing' };
		for (const id of [question, answer]) {
			await expect(fresh.branches.show(id)).rejects.toMatchObject(missing);
			await expect(fresh.branches.retry(id)).rejects.toMatchObject(missing);
			await expect(fresh.branches.fork(id)).rejects.toMatchObject(missing);
			await expect(fresh.branches.remove(id)).rejects.toMatchObject(missing);
		}
		await expect(fresh.branches.edit(question, 'x')).rejects.toMatchObject(missing);
	});

	test('a question whose answer is deleted can be answered again', async () => {
		const fresh = await freshHistory();
		const { conversation, question, answer } = await exchange(fresh, 'One', 'First');
		await fresh.branches.remove(answer);
		expect(await shown(fresh, conversation)).toEqual(['One 1/1']);
		const again = await fresh.branches.retry(question);
		const path = await fresh.history.messages.readPath(conversation, 100);
		expect(path?.entries.map(({ message }) => message.id)).toEqual([question, again]);
	});

	test('a conversation that is empty again takes a new question', async () => {
		const fresh = await freshHistory();
		const { conversation, question } = await exchange(fresh, 'One', 'First');
		const removal = await fresh.branches.remove(question);
		await fresh.history.messages.ask('Uno', conversation);
		expect(await shown(fresh, conversation)).toEqual(['Uno 1/1', ' 1/1']);
		await fresh.branches.restore(removal);
		expect(await shown(fresh, conversation)).toEqual(['One 1/2', 'First 1/1']);
	});

	test('is for good once it is purged, and only what was deleted is', async () => {
		const fresh = await freshHistory();
		const { conversation } = await exchange(fresh, 'One', 'First');
		const two = await fresh.history.messages.ask('Two', conversation);
		await fresh.jobs.claim(two.answer, 'dead');
		await fresh.jobs.checkpoint(two.answer, 'Half');
		const removal = await fresh.branches.remove(two.question);
		await fresh.history.conversations.purge(0);
		await fresh.branches.restore(removal);
		const again = await fresh.branches.remove(two.question);
		await fresh.history.conversations.purge(Infinity);
		await expect(fresh.branches.restore(again)).rejects.toMatchObject({ kind: 'missing' });
		expect(await fresh.jobs.draft(two.answer)).toBeUndefined();
		expect(await shown(fresh, conversation)).toEqual(['One 1/1', 'First 1/1']);
	});
});

describe('forking', () => {
	test('copies the path up to the message into a conversation of its own', async () => {
		const fresh = await freshHistory();
		const { conversation, answer } = await exchange(fresh, 'One', 'First');
		const again = await fresh.branches.retry(answer);
		await fresh.jobs.end(again, { kind: 'done', at: 1, usage, reason: 'end' }, 'Other');
		await exchange(fresh, 'Two', 'Second', conversation);
		await fresh.history.conversations.pin(conversation, true);
		const fork = await fresh.branches.fork(again);
		expect(await shown(fresh, fork)).toEqual(['One 1/1', 'Other 1/1']);
		await exchange(fresh, 'Three', 'Third', fork);
		expect(await shown(fresh, fork)).toEqual(['One 1/1', 'Other 1/1', 'Three 1/1', 'Third 1/1']);
		expect(await shown(fresh, conversation)).toEqual(['One 1/1', 'Other 2/2', 'Two 1/1', 'Second 1/1']);
		const copy = (await fresh.history.messages.readPath(fork, 1))?.conversation;
		expect(copy?.title).toBe('One (2)');
		expect(copy).not.toHaveProperty('pinnedAt');
	});

	test('stops in the copy what is still written in the original', async () => {
		const fresh = await freshHistory();
		const { conversation, answer } = await fresh.history.messages.ask('One');
		await fresh.jobs.claim(answer, 'tab');
		await fresh.jobs.checkpoint(answer, 'Half');
		const { question } = await fresh.history.messages.ask('Two', conversation);
		const fork = await fresh.branches.fork(question);
		const path = await fresh.history.messages.readPath(fork, 100);
		expect(path?.entries[1]?.message).toMatchObject({ text: 'Half', state: { kind: 'stopped' } });
		expect(await fresh.jobs.claim(answer, 'tab')).toMatchObject({ text: 'Half' });
	});
});

test('a history of the first schema is opened, and its messages can be deleted', async () => {
	const name = `test-${crypto.randomUUID()}`;
	const before = new Dexie(name);
	before.version(1).stores({
		conversations: 'id, updatedAt',
		messages: 'id, [conversation+depth], parent, state.kind',
		drafts: 'message',
		settings: 'key'
	});
	const home = { id: 'c', title: 'T', createdAt: 1, updatedAt: 1, leaf: 'q', deletedAt: null };
	const asked = {
		id: 'q',
		conversation: 'c',
		parent: null,
		depth: 0,
		createdAt: 1,
		role: 'user',
		text: 'Old'
	};
	await before.table('conversations').add(home);
	await before.table('messages').add(asked);
	before.close();
	const fresh = await freshHistory(name);
	expect(await shown(fresh, 'c')).toEqual(['Old 1/1']);
	await fresh.branches.remove('q');
	await fresh.history.conversations.purge(Infinity);
	expect(await shown(fresh, 'c')).toEqual([]);
});
