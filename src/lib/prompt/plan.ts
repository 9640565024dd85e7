import type { Message } from '#lib/message/message.ts';
import type { Overflow } from '#lib/message/setup.ts';
import { turnOf } from './turns.ts';
import { withSummary } from './summary.ts';
import { type Fit, fitWindow, LEAST_ANSWER, type Start, TURN_OVERHEAD, type Weights } from './window.ts';

/** Counts the tokens of each text; exactly or about, that is the counter's affair. */
export type Count = (texts: string[]) => Promise<number[]>;

/** What a prompt is to be made of. */
export interface Material {
	/** What the model is told first. */
	instructions: string;
	/** The messages before the question that say something, oldest first. */
	history: Message[];
	/** The question with its files, as the model is given it. */
	question: string;
	/** What is already written of the answer. */
	prefix: string;
	/** Tokens that prompt and answer share. */
	window: number;
	/** The longest answer wished, in tokens. */
	wished: number;
	overflow: Overflow;
	/** The first message that the answer before was given, where that was not all: the engine still has it. */
	before?: string | undefined;
}

/** How many tokens the parts of a prompt take. */
export interface PlanParts {
	system: number;
	summary: number;
	history: number;
	question: number;
	frame: number;
}

/** What is given to the model. */
export interface Given {
	/** Index in the history of the first message that is given. */
	from: number;
	/** Index of the message whose summary is given too. */
	summary?: number;
	/** Tokens left for the answer, at most what was wished. */
	answer: number;
	parts: PlanParts;
}

export type Plan =
	| { kind: 'give'; given: Given }
	/** What comes before `from` should first be told in a summary; `given` is what can be given without one. */
	| { kind: 'summarise'; from: number; given: Given }
	| { kind: 'too-long'; tokens: number; room: number };

/** Tokens that a summary may have: of the window a part that leaves most of it to the conversation. */
export function summaryTokens(window: number): number {
	return Math.min(512, Math.floor(window / 8));
}

/** Plans what the model is given of a conversation. Only what can fit at all is counted. */
export async function planPrompt(material: Material, count: Count): Promise<Plan> {
	const { instructions, history, question, prefix, window, wished, overflow } = material;
	const [system = 0, asked = 0, written = 0] = await count([instructions, question, prefix]);
	const turns = await newestTokens(history, window, count);
	const weights: Weights = { system, history: turns, question: asked, prefix: written };
	const plain = fitWindow(weights, window, wished, startsOf(material));
	if (plain.kind === 'too-long') return plain;
	const bare: Plan = {
		kind: 'give',
		given: givenOf(weights, startOf(plain, startsOf(material)), plain.answer)
	};
	if (overflow === 'drop') return bare;
	const told = await summariesOf(material, weights, count);
	const starts: Beginning[] = [ALL, ...told];
	const fit = fitWindow(weights, window, wished, starts, summaryTokens(window));
	if (fit.kind === 'fits') {
		return { kind: 'give', given: givenOf(weights, startOf(fit, starts), fit.answer) };
	}
	if (fit.kind === 'too-long') return fit;
	const isNew = told.every(({ from }) => from < fit.from);
	if (!isNew || fit.spare < summaryTokens(window) + LEAST_ANSWER) return bare;
	return { kind: 'summarise', from: fit.from, given: bare.given };
}

/** A start, and the index of the message whose summary goes with it. */
type Beginning = Start & { of?: number };

const ALL: Beginning = { from: 0, summary: 0 };

function startOf(fit: Exclude<Fit, { kind: 'too-long' }>, starts: Beginning[]): Beginning {
	return (
		(fit.kind === 'fits' ? starts[fit.start] : undefined) ?? { ...ALL, from: 'from' in fit ? fit.from : 0 }
	);
}

function givenOf({ system, history, question }: Weights, start: Beginning, answer: number): Given {
	const kept = history.slice(start.from);
	const parts: PlanParts = {
		system,
		summary: start.summary,
		history: kept.reduce((sum, tokens) => sum + tokens, 0),
		question,
		// each turn's, the instructions', the question's and the answer's
		frame: TURN_OVERHEAD * (kept.length + 3)
	};
	return { from: start.from, answer, parts, ...(start.of === undefined ? {} : { summary: start.of }) };
}

/** All of the history, or what the answer before was given: the engine may still have that in its cache. */
function startsOf({ history, before }: Material): Beginning[] {
	const first = before === undefined ? -1 : history.findIndex(({ id }) => id === before);
	return [ALL, ...(first > 0 ? [{ from: first, summary: 0 }] : [])];
}

/** The starts behind a summary, where what follows it is not beyond the window anyway. */
async function summariesOf(
	{ instructions, history }: Material,
	{ system, history: turns }: Weights,
	count: Count
): Promise<Required<Beginning>[]> {
	const found = history.flatMap(({ summary }, of) =>
		summary && turns.slice(of + 1).every(Number.isFinite) ? [{ of, text: summary.text }] : []
	);
	const counts = await count(found.map(({ text }) => withSummary(instructions, text)));
	return found.map(({ of }, index) => ({ of, from: of + 1, summary: (counts[index] ?? 0) - system }));
}

/** Turns that are counted at once. */
const BATCH = 16;

/** The tokens of each message, from the newest on until the window is full; Infinity for all before. */
async function newestTokens(history: Message[], window: number, count: Count): Promise<number[]> {
	const tokens = history.map(() => Infinity);
	let sum = 0;
	for (let end = history.length; end > 0 && sum <= window; end -= BATCH) {
		const start = Math.max(0, end - BATCH);
		const counts = await count(history.slice(start, end).map((message) => turnOf(message).text));
		counts.forEach((size, index) => {
			tokens[start + index] = size;
			sum += size + TURN_OVERHEAD;
		});
	}
	return tokens;
}
