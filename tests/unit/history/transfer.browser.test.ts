import Dexie from 'dexie';
import { afterEach, describe, expect, test } from 'vitest';
import { readImport } from '#lib/history/formats/read.ts';
import { History } from '#lib/history/history.ts';

const opened: { history: History; name: string }[] = [];

/** A history of its own, with a clock that ticks at each look. */
async function freshHistory() {
	let time = 1000;
	const name = `test-${crypto.randomUUID()}`;
	const history = new History({ now: () => ++time, newId: () => crypto.randomUUID() }, name);
	opened.push({ history, name });
	await history.open();
	return { history, transfer: await history.transfer() };
}

afterEach(async () => {
	for (const { history, name } of opened.splice(0)) {
		history.close();
		await Dexie.delete(name);
	}
});

type Fresh = Awaited<ReturnType<typeof freshHistory>>;
const usage = { promptTokens: 3, completionTokens: 2, timeToFirstToken: 5, tokensPerSecond: 7.25 };

/** Two conversations with everything that a history can hold: branches, endings, settings. */
async function fill({ history }: Fresh) {
	const first = await history.messages.ask('What is an alcove? 壁龛是什么？\u2028');
	const [jobs, branches] = [await history.jobs(), await history.branches()];
	await jobs.claim(first.answer, 'r');
	const parts = {
		window: 4096,
		system: 6,
		summary: 5,
		history: 4,
		attachments: 3,
		question: 2,
		frame: 1,
		answer: 0
	};
	const given = { from: first.question, summary: { kind: 'given', text: 'Niches.' } } as const;
	await jobs.sign(first.answer, { model: 'tiny', engine: 'wllama', ...given, context: parts });
	await (
		await history.summaries()
	).write(first.question, 'About niches. 壁龛。', { by: 'tiny', from: first.question });
	await (
		await history.setups()
	).keep({
		own: { conversation: first.conversation, setup: { overflow: 'summary' } }
	});
	await jobs.end(first.answer, { kind: 'done', at: 4, usage, reason: 'length' }, 'A niche “in” a wall.\n');
	const again = await branches.retry(first.answer);
	await jobs.sign(again, { model: 'tiny', engine: 'wllama', summary: { kind: 'failed', detail: 'empty' } });
	await jobs.end(again, { kind: 'failed', at: 5, failure: { kind: 'unknown', detail: 'x' } }, '');
	const second = await history.messages.ask('Another');
	await jobs.requestStop(second.answer);
	await history.conversations.pin(second.conversation, true);
	await history.settings.set('engine', 'wllama');
	await history.settings.set('backup.last', { at: 1, to: 'file' });
	return { first, second };
}

async function textOf({ transfer }: Fresh): Promise<string> {
	const parts: string[] = [];
	for await (const part of transfer.all()) parts.push(part);
	return parts.join('');
}

describe('export', () => {
	test('→ erase → import gives back the same history, byte for byte in a second export', async () => {
		const here = await freshHistory();
		await fill(here);
		const before = await textOf(here);
		expect(before).toContain('壁龛');
		expect(before).toContain('About niches. 壁龛。');
		expect(before).not.toContain('backup');
		await here.transfer.erase();
		expect(await here.transfer.counts()).toEqual({ conversations: 0, messages: 0, rooms: 0 });
		expect(await here.history.settings.get('engine')).toBeUndefined();

		const plan = await here.transfer.take(await readImport(before, 0));
		expect(plan).toEqual({
			conversations: { added: 2, extended: 0, here: 0 },
			messages: { added: 5, here: 0 },
			settings: { added: 1, here: 0 }
		});
		expect(await textOf(here)).toBe(before);
	});

	test('has only what the format knows, so that it can always be taken in', async () => {
		const here = await freshHistory();
		const { answer } = await here.history.messages.ask('Hello');
		// as an engine might tell more than the history asks for
		const told = { ...usage, cachedTokens: 9 };
		await (await here.history.jobs()).end(answer, { kind: 'done', at: 4, usage: told, reason: 'end' }, 'Hi');
		const file = await readImport(await textOf(here), 0);
		expect(file.conversations[0]?.messages[1]).toMatchObject({ state: { usage } });
	});

	test('of an empty history can be taken in too', async () => {
		const here = await freshHistory();
		expect((await readImport(await textOf(here), 0)).conversations).toEqual([]);
	});

	test('has an answer that is being written as stopped, with its text so far', async () => {
		const here = await freshHistory();
		const { answer } = await here.history.messages.ask('Count');
		const jobs = await here.history.jobs();
		await jobs.claim(answer, 'r');
		await jobs.checkpoint(answer, '1 2 3');
		const { conversations } = await readImport(await textOf(here), 0);
		expect(conversations[0]?.messages[1]).toMatchObject({ text: '1 2 3', state: { kind: 'stopped' } });
	});

	test('leaves out what was deleted, a conversation or a message', async () => {
		const here = await freshHistory();
		const { first, second } = await fill(here);
		await here.history.conversations.remove(second.conversation);
		await (await here.history.branches()).remove(first.answer);
		const { conversations } = await readImport(await textOf(here), 0);
		expect(conversations.map(({ id }) => id)).toEqual([first.conversation]);
		expect(conversations[0]?.messages).toHaveLength(2);
		expect(await here.transfer.counts()).toEqual({ conversations: 1, messages: 2, rooms: 0 });
	});

	test('of one conversation is a file of the same format, and its path as Markdown', async () => {
		const here = await freshHistory();
		const { first } = await fill(here);
		const { title, text } = await here.transfer.one(first.conversation);
		expect(title).toBe('What is an alcove? 壁龛是什么？');
		const { conversations, settings } = await readImport(text, 0);
		expect(settings).toEqual([]);
		expect(conversations[0]?.messages).toHaveLength(3);
		await (await here.history.branches()).show(first.answer);
		const markdown = await here.transfer.markdown(first.conversation, { you: 'I', assistant: 'It' });
		expect(markdown.text).toContain('## It (tiny)\n\nA niche “in” a wall.');
		await expect(here.transfer.one('nowhere')).rejects.toMatchObject({ kind: 'missing' });
	});
});

describe('import', () => {
	test('a second time adds nothing and changes nothing', async () => {
		const here = await freshHistory();
		const { first } = await fill(here);
		const before = await textOf(here);
		await here.history.conversations.rename(first.conversation, 'My title');
		await here.history.settings.set('engine', 'webllm');
		const renamed = await textOf(here);
		const plan = await here.transfer.take(await readImport(before, 0));
		expect(plan.conversations).toEqual({ added: 0, extended: 0, here: 2 });
		expect(plan.messages).toEqual({ added: 0, here: 5 });
		expect(plan.settings).toEqual({ added: 0, here: 1 });
		expect(await textOf(here)).toBe(renamed);
	});

	test('the comparison tells what will be done, and does nothing', async () => {
		const here = await freshHistory();
		await fill(here);
		const file = await readImport(await textOf(here), 0);
		const there = await freshHistory();
		const compared = await there.transfer.compare(file);
		expect(await there.transfer.counts()).toEqual({ conversations: 0, messages: 0, rooms: 0 });
		expect(await there.transfer.take(file)).toEqual(compared);
	});

	test('goes on with a conversation that is here in part, and shows what is new', async () => {
		const [here, there] = [await freshHistory(), await freshHistory()];
		const { first } = await fill(here);
		await there.transfer.take(await readImport(await textOf(here), 0));
		await here.history.messages.ask('And then?', first.conversation);
		await there.history.conversations.rename(first.conversation, 'Mine');
		const plan = await there.transfer.take(await readImport(await textOf(here), 0));
		expect(plan.conversations).toEqual({ added: 0, extended: 1, here: 1 });
		expect(plan.messages).toEqual({ added: 2, here: 5 });
		const path = await there.history.messages.readPath(first.conversation, 10);
		expect(path?.conversation.title).toBe('Mine');
		expect(path?.entries.at(-2)?.message.text).toBe('And then?');
	});

	test('brings back what was deleted here', async () => {
		const here = await freshHistory();
		const { first, second } = await fill(here);
		const before = await textOf(here);
		await here.history.conversations.remove(second.conversation);
		await (await here.history.branches()).remove(first.answer);
		await here.transfer.take(await readImport(before, 0));
		expect(await textOf(here)).toBe(before);
	});

	test('is all or nothing: one message that belongs elsewhere, and nothing is written', async () => {
		const [here, there] = [await freshHistory(), await freshHistory()];
		await fill(here);
		const file = await readImport(await textOf(here), 0);
		const last = file.conversations.at(-1);
		const { question } = await there.history.messages.ask('Mine');
		if (!last) throw new Error('the file is empty');
		last.messages.push({ id: question, parent: null, createdAt: 1, role: 'user', text: 'Theirs' });
		const before = await textOf(there);
		await expect(there.transfer.take(file)).rejects.toMatchObject({
			name: 'ImportError',
			failure: { kind: 'clash', message: question }
		});
		expect(await textOf(there)).toBe(before);
	});
});

test('the last change is the end of an answer, too', async () => {
	const { history, transfer } = await freshHistory();
	expect(await transfer.lastChange()).toBeUndefined();
	const { answer } = await history.messages.ask('Hello');
	const asked = (await transfer.lastChange()) ?? 0;
	await (await history.jobs()).end(answer, { kind: 'stopped', at: asked + 50 }, 'x');
	expect(await transfer.lastChange()).toBe(asked + 50);
});
