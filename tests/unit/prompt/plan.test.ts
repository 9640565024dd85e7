import { describe, expect, test } from 'vitest';
import type { Message } from '#lib/message/message.ts';
import { type Material, planPrompt, summaryTokens } from '#lib/prompt/plan.ts';

/** A letter is a token. */
const count = (texts: string[]) => Promise.resolve(texts.map((text) => text.length));

function messages(sizes: number[], summaries: Record<number, string> = {}): Message[] {
	return sizes.map((size, depth) => {
		const base = { id: `m${depth}`, conversation: 'c', parent: depth ? `m${depth - 1}` : null, depth };
		const text = summaries[depth];
		const summary = text === undefined ? {} : { summary: { text, at: 1 } };
		const row = { ...base, createdAt: depth, text: 'x'.repeat(size), ...summary };
		return depth % 2
			? { ...row, role: 'assistant', state: { kind: 'stopped', at: 1 } }
			: { ...row, role: 'user' };
	});
}

const material = (more: Partial<Material>): Material => ({
	instructions: 'Be kind.',
	history: [],
	question: 'And?',
	prefix: '',
	window: 1000,
	wished: 200,
	overflow: 'summary',
	...more
});

/** Numbers that look like chance and are always the same. */
function* chance(seed: number): Generator<number, never> {
	for (let state = seed; ;) {
		state = (state * 1664525 + 1013904223) % 2 ** 32;
		yield state / 2 ** 32;
	}
}

describe('a conversation that fits', () => {
	test('is given as it is, even where a summary was once written', async () => {
		const history = messages([20, 20, 20], { 1: 'Once.' });
		const plan = await planPrompt(material({ history }), count);
		expect(plan).toMatchObject({ kind: 'give', given: { from: 0, answer: 200 } });
		expect(plan).not.toHaveProperty('given.summary');
	});
});

describe('a conversation that does not fit', () => {
	test('is to be summarised up to the part that is given, and can be given without its beginning', async () => {
		const plan = await planPrompt(material({ history: messages(Array(20).fill(60)) }), count);
		if (plan.kind !== 'summarise') throw new Error(plan.kind);
		expect(plan.from).toBeGreaterThan(plan.given.from);
		expect(plan.given.from).toBeGreaterThan(0);
	});

	test('is given its summary, and then each turn after it', async () => {
		const history = messages(Array(20).fill(60), { 13: 'They spoke of ships.' });
		const plan = await planPrompt(material({ history }), count);
		expect(plan).toMatchObject({ kind: 'give', given: { from: 14, summary: 13 } });
		expect(plan).toHaveProperty('given.parts.summary', '\n\nSummary of what came before:\n'.length + 20);
	});

	test('has the earliest summary that leaves room: it forgets least', async () => {
		const history = messages(Array(20).fill(60), { 11: 'Early.', 15: 'Late.' });
		expect(await planPrompt(material({ history }), count)).toHaveProperty('given.summary', 11);
		const longer = await planPrompt(material({ history, question: 'q'.repeat(400) }), count);
		expect(longer).toHaveProperty('given.summary', 15);
	});

	test('does without a summary that is too long, or that the person does not want', async () => {
		const history = messages(Array(20).fill(60), { 17: 'y'.repeat(900) });
		const plan = await planPrompt(material({ history }), count);
		expect(plan).not.toHaveProperty('given.summary');
		expect(plan.kind).toBe('give');
		const dropped = await planPrompt(
			material({ history: messages(Array(20).fill(60), { 13: 'Short.' }), overflow: 'drop' }),
			count
		);
		expect(dropped.kind).toBe('give');
		expect(dropped).not.toHaveProperty('given.summary');
	});

	test('starts where the answer before did, as long as that leaves room', async () => {
		const history = messages(Array(20).fill(60));
		const plan = await planPrompt(material({ history, overflow: 'drop', before: 'm13' }), count);
		expect(plan).toHaveProperty('given.from', 13);
		const later = await planPrompt(material({ history, overflow: 'drop', before: 'm2' }), count);
		expect(later).not.toHaveProperty('given.from', 2);
	});

	test('is counted only as far as the window reaches', async () => {
		let counted = 0;
		const history = messages(Array(5000).fill(60));
		await planPrompt(material({ history }), (texts) => {
			counted += texts.length;
			return count(texts);
		});
		expect(counted).toBeLessThan(60);
	});
});

test('whatever the history, what is given fits and leaves room for an answer', async () => {
	const random = chance(7);
	const upTo = (most: number) => Math.floor(random.next().value * most);
	for (let round = 0; round < 400; round++) {
		const sizes = Array.from({ length: upTo(40) }, () => 1 + upTo(upTo(2) ? 60 : 700));
		const marked = Object.fromEntries(
			sizes.map((_, index) => [index, 's'.repeat(upTo(200))]).filter(() => !upTo(6))
		);
		const history = messages(sizes, marked);
		const window = 600 + upTo(3000);
		const overflow = upTo(2) ? 'summary' : 'drop';
		const given = material({
			history,
			window,
			overflow,
			question: 'q'.repeat(upTo(900)),
			wished: 16 + upTo(2000)
		});
		const plan = await planPrompt(given, count);
		if (plan.kind === 'too-long') {
			expect(given.question.length).toBeGreaterThan(plan.room);
			continue;
		}
		const { parts, answer, from } = plan.given;
		const used = Object.values(parts).reduce((sum, tokens) => sum + tokens, 0);
		expect(used + answer).toBeLessThanOrEqual(window);
		expect(answer).toBeGreaterThanOrEqual(Math.min(64, given.wished));
		expect(from).toBeLessThanOrEqual(history.length);
		if (plan.kind === 'summarise') {
			// with the summary written, the same question is given it and stays as it is
			const told = history.map((message, index) =>
				index === plan.from - 1 ? { ...message, summary: { text: 's'.repeat(40), at: 1 } } : message
			);
			const again = await planPrompt({ ...given, history: told }, count);
			expect(again.kind).toBe('give');
			expect(again).toHaveProperty('given.summary', plan.from - 1);
			expect(summaryTokens(window)).toBeLessThan(window / 4);
		}
	}
});
