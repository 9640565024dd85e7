/** What runs in the page of the search bench: it is put on the window as `searchBench`. */
import { History } from '#lib/history/history.ts';
import type { Conversation, Question } from '#lib/message/message.ts';
import { Database } from '#lib/history/schema.ts';
import type { Search } from '#lib/history/search/client.ts';

const NAME = 'search-bench';

/** Messages of one conversation. */
const EACH = 100;

/** How many rows are written at a time. */
const BATCH = 5_000;

const SYLLABLES = [
	'ba',
	'con',
	'de',
	'fer',
	'gra',
	'in',
	'lo',
	'men',
	'per',
	'qui',
	're',
	'sta',
	'tion',
	'ver'
];
const FIRST_CHARACTER = 0x4e00;
const CHARACTERS = 600;

/** Numbers from 0 to 1, the same each time. Mulberry32, by Tommy Ettinger. */
function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** A rank from 0 to `count`: the words of a language fall off about so, the first few make up most of a text. */
function rank(random: () => number, count: number): number {
	return Math.floor((count + 1) ** random()) - 1;
}

function word(n: number): string {
	let left = n + SYLLABLES.length;
	let made = '';
	for (; left > 0; left = Math.floor(left / SYLLABLES.length))
		made += SYLLABLES[left % SYLLABLES.length] ?? '';
	return made;
}

/** About 280 characters, in Chinese or in words with spaces. */
function textOf(random: () => number, chinese: boolean): string {
	if (chinese) {
		const signs = Array.from({ length: 280 }, (_, i) =>
			i % 15 === 14 ? '，' : String.fromCodePoint(FIRST_CHARACTER + rank(random, CHARACTERS))
		);
		return signs.join('');
	}
	return Array.from({ length: 45 }, () => word(rank(random, 30_000))).join(' ');
}

const history = new History({ now: () => Date.now(), newId: () => crypto.randomUUID() }, NAME);
const database = new Database(NAME);
let search: Search | undefined;
let worker: Worker | undefined;

function started(): Worker {
	worker = new Worker(new URL('../../src/lib/history/search/search.worker.ts', import.meta.url), {
		type: 'module'
	});
	return worker;
}

/** As random as those of the app, and the same each time. */
function idOf(n: number): string {
	const random = numbers(n);
	const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
	return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function message(n: number, random: () => number): Question {
	const conversation = `conversation-${Math.floor(n / EACH)}`;
	const depth = n % EACH;
	const parent = depth === 0 ? null : idOf(n - 1);
	const base = { id: idOf(n), conversation, parent, depth, createdAt: n };
	return { ...base, role: 'user', text: textOf(random, n % 2 === 1) };
}

/** Writes `count` messages as rows, half of them Chinese. */
async function fill(count: number): Promise<void> {
	await history.open();
	const random = numbers(1);
	for (let from = 0; from < count; from += BATCH) {
		const rows = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => message(from + i, random));
		await database.messages.bulkAdd(rows);
	}
	const homes = Array.from({ length: Math.ceil(count / EACH) }, (_, n): Conversation => {
		const leaf = idOf(Math.min(count, (n + 1) * EACH) - 1);
		return { id: `conversation-${n}`, title: `${n}`, createdAt: n, updatedAt: n, leaf, deletedAt: null };
	});
	await database.conversations.bulkAdd(homes);
}

/** Brings the index up to date. @returns how long that took, in milliseconds */
async function update(): Promise<number> {
	search ??= await history.search(started);
	const since = performance.now();
	await search.update();
	return performance.now() - since;
}

/** Adds one message, and lists it. @returns how long the listing took, in milliseconds */
async function addOne(n: number): Promise<number> {
	await database.messages.add({ ...message(n, numbers(n)), conversation: 'conversation-0' });
	return update();
}

/** Bytes of the index: its blocks and the ids of its messages, with their keys. */
async function size(): Promise<number> {
	let bytes = 0;
	await database.searchBlocks.each((block) => {
		bytes += block.bytes.byteLength + 8 + block.last.length * 2;
	});
	await database.searchIds.each(({ ids }) => {
		bytes += ids.byteLength + 16;
	});
	return bytes;
}

/** Milliseconds to the answer of what is typed so far, as the app asks for it: first a glance, then more. */
async function find(query: string, limit: number, glance: boolean): Promise<{ time: number; hits: number }> {
	if (!search) throw new Error('there is no index yet');
	const since = performance.now();
	const { hits } = await search.find(query, limit, glance);
	return { time: performance.now() - since, hits: hits.length };
}

/** The same by reading every message. */
async function scan(query: string): Promise<number> {
	const since = performance.now();
	await database.messages.filter(({ text }) => text.includes(query)).toArray();
	return performance.now() - since;
}

const searchBench = { fill, update, addOne, size, find, scan };
export type SearchBench = typeof searchBench;
Object.assign(window, { searchBench });
