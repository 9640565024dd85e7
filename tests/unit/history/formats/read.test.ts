import { describe, expect, test } from 'vitest';
import { readImport } from '#lib/history/formats/read.ts';

const NOW = 1_700_000_000_000;
const read = (value: unknown) => readImport(JSON.stringify(value), NOW);

/** A file of this app's own with one question and one answer. */
function own() {
	const question = { id: 'q', parent: null, createdAt: 1, role: 'user', text: 'Why?' };
	const usage = { promptTokens: 1, completionTokens: 2, timeToFirstToken: 3, tokensPerSecond: 4 };
	const state = { kind: 'done', at: 5, usage, reason: 'end' };
	const answer = { id: 'a', parent: 'q', createdAt: 2, role: 'assistant', text: 'So.', state };
	const conversation = { id: 'c', title: 'T', createdAt: 1, updatedAt: 2, leaf: 'a' };
	return {
		format: 'alcove',
		version: 1,
		settings: [{ key: 'engine', value: 'auto' }] as unknown[],
		conversations: [{ ...conversation, messages: [question, answer] as unknown[] }]
	};
}

/** The failure of a file with one change. */
async function failure(change: (file: ReturnType<typeof own>) => unknown): Promise<unknown> {
	const file = own();
	const changed = change(file);
	return read(changed ?? file).then(
		() => 'accepted',
		(error: { failure: unknown }) => error.failure
	);
}

describe('this app’s own format', () => {
	test('is read back as it was written', async () => {
		const file = own();
		const { source, conversations, settings, leftOut } = await read(file);
		expect({ source, leftOut }).toEqual({ source: 'alcove', leftOut: 0 });
		expect(conversations).toEqual(file.conversations);
		expect(settings).toEqual(file.settings);
	});

	test('has summaries, and what answers were given of them', async () => {
		const file = own();
		const [question, answer] = file.conversations[0]?.messages ?? [];
		Object.assign(question ?? {}, { summary: { text: 'Why they ask.', at: 3, by: 'tiny', from: 'q' } });
		const given = { kind: 'given', text: 'Why they ask.' };
		Object.assign(answer ?? {}, { writer: { model: 'tiny', engine: 'wllama', from: 'a', summary: given } });
		Object.assign(file.conversations[0] ?? {}, { setup: { overflow: 'summary' } });
		expect((await read(file)).conversations).toEqual(file.conversations);
	});

	test.each<[string, (file: ReturnType<typeof own>) => unknown, object]>([
		[
			'a summary that is a text',
			(file) => void Object.assign(file.conversations[0]?.messages[0] ?? {}, { summary: 'x' }),
			{ at: 'conversations[0].messages[0].summary', expected: 'an object', got: '"x"' }
		],
		['a later version', (file) => ({ ...file, version: 2 }), { kind: 'newer', version: 2, known: 1 }],
		[
			'no version',
			(file) => ({ ...file, version: undefined }),
			{ kind: 'wrong', at: 'version', got: 'nothing' }
		],
		['a field nobody knows', (file) => ({ ...file, more: 1 }), { at: 'more', expected: 'no such field' }],
		[
			'a title that is a number',
			(file) => Object.assign(file.conversations[0] ?? {}, { title: 7 }) && undefined,
			{ at: 'conversations[0].title', expected: 'a text', got: '7' }
		],
		[
			'a role that does not exist',
			(file) => void Object.assign(file.conversations[0]?.messages[1] ?? {}, { role: 'system' }),
			{ at: 'conversations[0].messages[1].role', expected: '"user" or "assistant"', got: '"system"' }
		],
		[
			'an answer that is still open',
			(file) => void Object.assign(file.conversations[0]?.messages[1] ?? {}, { state: { kind: 'queued' } }),
			{ at: 'conversations[0].messages[1].state.kind', got: '"queued"' }
		],
		[
			'a parent that comes later',
			(file) => void file.conversations[0]?.messages.reverse(),
			{ at: 'conversations[0].messages[0].parent', expected: 'the id of an earlier message' }
		],
		[
			'an id that stands twice',
			(file) => void Object.assign(file.conversations[0]?.messages[1] ?? {}, { id: 'q', parent: null }),
			{ at: 'conversations[0].messages[1].id' }
		],
		[
			'an id that is no id',
			(file) => void Object.assign(file.conversations[0]?.messages[0] ?? {}, { id: '../x' }),
			{ at: 'conversations[0].messages[0].id' }
		],
		[
			'a leaf that is not there',
			(file) => void Object.assign(file.conversations[0] ?? {}, { leaf: 'z' }),
			{ at: 'conversations[0].leaf' }
		],
		[
			'a conversation that stands twice',
			(file) => void file.conversations.push(...own().conversations),
			{ at: 'conversations[1].id' }
		],
		[
			'a setting of another device’s backups',
			(file) => void file.settings.push({ key: 'backup.last', value: 1 }),
			{ at: 'settings[1].key' }
		]
	])('is refused with %s', async (_, change, expected) => {
		expect(await failure(change)).toMatchObject(expected);
	});
});

describe('a file', () => {
	test('that is no JSON is named so', async () => {
		await expect(readImport('PK\u0003\u0004', NOW)).rejects.toMatchObject({ failure: { kind: 'not-json' } });
	});

	test.each([[null], [[]], [{}], [[{ title: 'x' }]], ['text']])('%j is no export', async (value) => {
		await expect(read(value)).rejects.toMatchObject({ failure: { kind: 'unknown' } });
	});

	test('may begin with a byte order mark', async () => {
		const { conversations } = await readImport(`\uFEFF${JSON.stringify(own())}`, NOW);
		expect(conversations).toHaveLength(1);
	});
});

/** A node of ChatGPT's mapping. */
function node(id: string, parent: string | null, role?: string, parts?: unknown[], more: object = {}) {
	const content = { content_type: 'text', parts };
	const message = role && { id, author: { role }, create_time: 10.5, content, recipient: 'all', ...more };
	return [id, { id, parent, children: [], message: message ?? null }] as const;
}

describe('conversations.json of ChatGPT', () => {
	const chat = (...nodes: ReturnType<typeof node>[]) => [
		{
			conversation_id: 'c1',
			title: 'Alcoves',
			create_time: 10,
			update_time: 20.25,
			current_node: 'a2',
			mapping: Object.fromEntries(nodes)
		}
	];

	test('is read with its branches; what is no text is left out and counted', async () => {
		const { source, conversations, leftOut } = await read(
			chat(
				node('root', null),
				node('sys', 'root', 'system', ['Be nice'], { weight: 0 }),
				node('q', 'sys', 'user', ['What is', 'an alcove?']),
				node('a1', 'q', 'assistant', ['A niche.']),
				node('call', 'q', 'assistant', ['search()'], { recipient: 'browser' }),
				node('tool', 'call', 'tool', ['found']),
				node('a2', 'tool', 'assistant', ['A recess.', { asset_pointer: 'file://x' }], {
					metadata: { model_slug: 'gpt-x' }
				})
			)
		);
		expect({ source, leftOut }).toEqual({ source: 'chatgpt', leftOut: 4 });
		const [found] = conversations;
		expect(found).toMatchObject({ id: 'c1', title: 'Alcoves', createdAt: 10_000, updatedAt: 20_250 });
		expect(found?.leaf).toBe('c1.a2');
		expect(found?.messages.map(({ id, parent, text }) => [id, parent, text])).toEqual([
			['c1.q', null, 'What is\nan alcove?'],
			['c1.a1', 'c1.q', 'A niche.'],
			['c1.a2', 'c1.q', 'A recess.']
		]);
		expect(found?.messages[2]).toMatchObject({ writer: { model: 'gpt-x', engine: 'chatgpt' } });
	});

	test.each([
		['no author', [node('q', null, 'user', ['x'], { author: 1 })], '[0].mapping["q"].message.author'],
		['a parent that is not there', [node('q', 'gone', 'user', ['x'])], '[0].mapping["q"].parent'],
		[
			'a circle',
			[node('q', 'a', 'user', ['x']), node('a', 'q', 'assistant', ['y'])],
			'[0].mapping["q"].parent'
		]
	])('is refused with %s, which is named', async (_, nodes, at) => {
		await expect(read(chat(...nodes))).rejects.toMatchObject({ failure: { kind: 'wrong', at } });
	});

	test('a conversation with nothing to show is passed over', async () => {
		expect((await read(chat(node('root', null)))).conversations).toEqual([]);
	});
});

describe('the export of llama.cpp’s web page', () => {
	const conv = { id: 'c2', name: 'Niches', lastModified: 9000, currNode: 'm2' };
	const message = (id: string | number, parent: string | number | null, role: string, content: string) => ({
		id,
		convId: 'c2',
		type: parent === null ? 'root' : 'text',
		timestamp: 5000,
		role,
		content,
		parent,
		children: []
	});
	const measured = { prompt_n: 7, predicted_n: 20, predicted_ms: 500 };
	const messages = [
		message('r', null, 'system', ''),
		{ ...message('m1', 'r', 'user', 'Hi'), extra: [{ type: 'imageFile' }] },
		{ ...message('m2', 'm1', 'assistant', 'Hello'), model: 'tiny', timings: measured }
	];

	test.each([
		['a list', [{ conv, messages }]],
		['one', { conv, messages }]
	])('is read, %s', async (_, file) => {
		const { source, conversations, leftOut } = await read(file);
		expect({ source, leftOut }).toEqual({ source: 'llama.cpp', leftOut: 1 });
		const [found] = conversations;
		expect(found).toMatchObject({
			id: 'c2',
			title: 'Niches',
			createdAt: 5000,
			updatedAt: 9000,
			leaf: 'c2.m2'
		});
		expect(found?.messages).toMatchObject([
			{ id: 'c2.m1', parent: null, role: 'user', text: 'Hi' },
			{
				id: 'c2.m2',
				parent: 'c2.m1',
				writer: { model: 'tiny', engine: 'llama.cpp' },
				state: { usage: { promptTokens: 7, completionTokens: 20, tokensPerSecond: 40 } }
			}
		]);
	});

	test('is read with the numbers that older versions gave as ids', async () => {
		const older = [message(1, null, 'system', ''), message(2, 1, 'user', 'Hi')];
		const { conversations } = await read({ conv: { ...conv, currNode: 2 }, messages: older });
		expect(conversations[0]?.messages.map(({ id }) => id)).toEqual(['c2.2']);
	});

	test('is refused where something else stands, which is named', async () => {
		const bad = [...messages, { ...message('m3', 'm2', 'user', 'x'), timestamp: 'now' }];
		await expect(read([{ conv, messages: bad }])).rejects.toMatchObject({
			failure: { kind: 'wrong', at: '[0].messages[3].timestamp', got: '"now"' }
		});
	});
});

describe('the exports of web-llm-chat', () => {
	const store = (messages: unknown[]) => ({
		'chat-next-web-store': { sessions: [{ id: 'n4n0-id_', topic: 'Corner', lastUpdate: 8000, messages }] },
		'app-config': {}
	});

	test('the whole state is read', async () => {
		const { source, conversations, leftOut } = await read(
			store([
				{ id: 'x1', role: 'user', content: [{ type: 'text', text: 'See' }, { type: 'image_url' }] },
				{ id: 'x2', role: 'assistant', content: 'I see', model: 'Tiny-MLC', date: '1.2.2024, 10:00' }
			])
		);
		expect({ source, leftOut }).toEqual({ source: 'web-llm-chat', leftOut: 1 });
		expect(conversations).toMatchObject([
			{
				id: 'n4n0-id_',
				title: 'Corner',
				updatedAt: 8000,
				leaf: 'n4n0-id_.x2',
				messages: [
					{ id: 'n4n0-id_.x1', parent: null, text: 'See' },
					{ id: 'n4n0-id_.x2', parent: 'n4n0-id_.x1', writer: { model: 'Tiny-MLC' } }
				]
			}
		]);
	});

	test('one conversation without ids gets the same ones each time', async () => {
		const file = {
			messages: [
				{ role: 'system', content: 'Be nice' },
				{ role: 'user', content: 'Hi' }
			]
		};
		const [first, second] = [await read(file), await readImport(JSON.stringify(file), NOW + 1)];
		expect(first).toMatchObject({ leftOut: 1, conversations: [{ title: 'Hi', createdAt: NOW }] });
		expect(second.conversations[0]?.id).toBe(first.conversations[0]?.id);
		expect(second.conversations[0]?.leaf).toBe(first.conversations[0]?.leaf);
	});

	test('is refused where something else stands, which is named', async () => {
		await expect(read(store([{ role: 'user', content: 3 }]))).rejects.toMatchObject({
			failure: { at: 'chat-next-web-store.sessions[0].messages[0].content', got: '3' }
		});
	});
});
