import type { History } from '#lib/history/history.ts';
import { historyError } from '#lib/history/open.ts';
import type { Attachment } from '#lib/message/attachment.ts';
import { type ContextParts, type Id, isOpen, type Message } from '#lib/message/message.ts';
import { answerAlone } from '#lib/message/thinking.ts';
import { type Overflow, parseOverflow, parseSampling, type Setup } from '#lib/message/setup.ts';
import { withAttachments } from '#lib/prompt/attached.ts';
import { estimateTokens } from '#lib/prompt/passages.ts';
import { type Count, type Given, type Material, type Plan, planPrompt } from '#lib/prompt/plan.ts';
import { DEFAULT_SYSTEM_PROMPT, speaking } from '#lib/prompt/turns.ts';
import { TURN_OVERHEAD } from '#lib/prompt/window.ts';
import type { Chat } from './chat.svelte.ts';
import { readPrepared } from './prepared.ts';

/** Tokens by the chosen model's own tokenizer, as far as that model is loaded. */
export interface Ruler {
	/** Tokens of the model's context window. */
	readonly window: number;
	/** What was counted before. */
	known(text: string): number | undefined;
	/** Counts when the engine has time; undefined when it was aborted, or cannot. */
	count(text: string, signal: AbortSignal): Promise<number | undefined>;
}

/** What the window would hold if the message were sent now. */
export interface Reading {
	/** `answer` is 0: what is left is its room. */
	parts: ContextParts;
	/** Whether every token was counted by the model's own tokenizer. */
	exact: boolean;
	/** Why the message cannot be answered: it alone is longer than this. */
	room?: number;
}

/** Where the model's sight ends in the thread. */
export interface Cut {
	/** The first message that the model is given; undefined where that is only the one that is being written. */
	from: Id | undefined;
	kind:
		| 'dropped'
		/** The summary at the message `of` stands for what is above. */
		| 'told'
		/** It will be summarised before the next answer. */
		| 'to-tell';
	of?: Id;
}

/** What is weighed: the conversation that is shown, or the one that is yet to begin, and the device's choices. */
interface Subject {
	conversation: Id | undefined;
	setup: Setup | undefined;
	device: { overflow: Overflow; wished: number };
}

/** Most messages that can be in the window together. */
const mostMessages = (window: number) => Math.ceil(window / TURN_OVERHEAD) + 1;

/** Weighs, while one writes, what the model would be given: about at once, and exactly when it is loaded. */
export class Gauge {
	#reading = $state.raw<Reading | undefined>();
	#cut = $state.raw<Cut | undefined>();
	#overflow = $state.raw<Overflow>('drop');
	#sampling = $state.raw(parseSampling(undefined));
	readonly #history: History;
	readonly #chat: Chat;
	readonly #ruler: () => Promise<Ruler>;
	readonly #ends: (() => void)[];
	#abort = new AbortController();

	/** @param ruler that of the chosen model; asked anew each time */
	constructor(history: History, chat: Chat, ruler: () => Promise<Ruler>) {
		this.#history = history;
		this.#chat = chat;
		this.#ruler = ruler;
		const report = (error: unknown) => console.error('A setting cannot be read:', error);
		this.#ends = [
			history.settings.one('overflow').subscribe((value) => (this.#overflow = parseOverflow(value)), report),
			history.settings.one('sampling').subscribe((value) => (this.#sampling = parseSampling(value)), report)
		];
	}

	/** Undefined until something was weighed. */
	get reading(): Reading | undefined {
		return this.#reading;
	}

	/** Where the model's sight ends, if that is after the beginning. */
	get cut(): Cut | undefined {
		return this.#cut;
	}

	/** What `weigh` looks at besides the message; whoever reads it is told when it has changed. */
	get subject(): Subject {
		const { view, prepared } = this.#chat;
		const own = view.kind === 'open' ? view.conversation.setup : readPrepared(prepared);
		return {
			conversation: view.kind === 'open' ? view.conversation.id : undefined,
			setup: own,
			device: {
				overflow: own?.overflow ?? this.#overflow,
				wished: (own?.sampling ?? this.#sampling).maxTokens
			}
		};
	}

	/** Weighs a message as it stands. A later call ends an earlier one. */
	async weigh(text: string, files: readonly Attachment[]): Promise<void> {
		this.#abort.abort();
		const { signal } = (this.#abort = new AbortController());
		try {
			const ruler = await this.#ruler();
			const { material, path } = await this.#gather(text, files, ruler.window);
			if (signal.aborted) return;
			const rough = new Tally(ruler);
			await this.#plan(rough.about, rough, material, path, text, signal);
			if (rough.exact || signal.aborted) return;
			const fine = new Tally(ruler, signal);
			await this.#plan(fine.exactly, fine, material, path, text, signal);
		} catch (error) {
			if (!(error instanceof NotCounted)) console.error('The window cannot be weighed:', historyError(error));
		}
	}

	close(): void {
		this.#abort.abort();
		for (const end of this.#ends) end();
	}

	async #gather(text: string, files: readonly Attachment[], window: number) {
		const { conversation, setup, device } = this.subject;
		const path =
			conversation === undefined
				? undefined
				: await this.#history.messages.readPath(conversation, mostMessages(window));
		const messages = (path?.entries ?? []).map(({ message }) => message);
		const settled = messages.filter((message) => message.role === 'user' || !isOpen(message.state));
		const material: Material = {
			instructions: setup?.instructions?.text ?? DEFAULT_SYSTEM_PROMPT,
			history: speaking(settled.map(answerAlone)),
			question: files.length > 0 ? withAttachments(text, files) : text,
			prefix: '',
			window,
			...device,
			before: writerOf(messages)?.from
		};
		return { material, path: messages };
	}

	async #plan(
		count: Count,
		tally: Tally,
		material: Material,
		path: Message[],
		text: string,
		signal: AbortSignal
	): Promise<void> {
		const plan = await planPrompt(material, count);
		const [own = 0] = await count([text]);
		if (signal.aborted) return;
		this.#reading = readingOf(plan, material, own, tally.exact);
		// what the last answer was given is known; an estimate is not better
		this.#cut = (tally.exact ? undefined : recorded(path, material)) ?? cutOf(plan, material);
	}
}

/** The engine had no count for a text: what is known about stays. */
class NotCounted extends Error {
	override readonly name = 'NotCounted';
}

/** Counts, and remembers whether all of it was exact. */
class Tally {
	exact = true;
	readonly #ruler: Ruler;
	readonly #signal: AbortSignal | undefined;

	constructor(ruler: Ruler, signal?: AbortSignal) {
		this.#ruler = ruler;
		this.#signal = signal;
	}

	/** What is known, and else an estimate; at once. */
	readonly about: Count = (texts) =>
		Promise.resolve(
			texts.map((text) => {
				const known = this.#ruler.known(text);
				this.exact &&= known !== undefined;
				return known ?? estimateTokens(text);
			})
		);

	/** One text after another, so that an answer that begins has to wait for one at most. */
	readonly exactly: Count = async (texts) => {
		const counts: number[] = [];
		for (const text of texts) {
			const count = this.#ruler.known(text) ?? (await this.#measure(text));
			if (count === undefined) throw new NotCounted();
			counts.push(count);
		}
		return counts;
	};

	async #measure(text: string): Promise<number | undefined> {
		return this.#signal && this.#ruler.count(text, this.#signal);
	}
}

function writerOf(path: Message[]) {
	const newest = path.findLast((message) => message.role === 'assistant' && message.writer !== undefined);
	return newest?.role === 'assistant' ? newest.writer : undefined;
}

function readingOf(plan: Plan, { window }: Material, own: number, exact: boolean): Reading {
	const { room, ...given } = partsOf(plan);
	const attachments = given.question - own;
	const parts = {
		window,
		system: given.system,
		...(given.summary > 0 ? { summary: given.summary } : {}),
		history: given.history,
		...(attachments > 0 ? { attachments } : {}),
		question: Math.min(own, given.question),
		frame: given.frame,
		answer: 0
	};
	return { parts, exact, ...(room === undefined ? {} : { room }) };
}

function partsOf(plan: Plan): Given['parts'] & { room?: number } {
	if (plan.kind !== 'too-long') return plan.given.parts;
	return { system: 0, summary: 0, history: 0, question: plan.tokens, frame: 0, room: Math.max(0, plan.room) };
}

function cutOf(plan: Plan, { history, overflow }: Material): Cut | undefined {
	if (plan.kind === 'too-long') return undefined;
	if (plan.kind === 'summarise') return { from: history[plan.from]?.id, kind: 'to-tell' };
	const { from, summary } = plan.given;
	if (from === 0) return undefined;
	const of = overflow === 'summary' && summary !== undefined ? history[summary]?.id : undefined;
	return { from: history[from]?.id, ...(of === undefined ? { kind: 'dropped' } : { kind: 'told', of }) };
}

/** Where the newest answer's sight ended, as it was noted then, in the terms of what is wanted now. */
function recorded(path: Message[], { overflow }: Material): Cut | undefined {
	const from = writerOf(path)?.from;
	const at = path.findIndex(({ id }) => id === from);
	if (at < 0) return undefined;
	if (overflow === 'drop') return { from, kind: 'dropped' };
	const above = path[at - 1];
	return above?.summary ? { from, kind: 'told', of: above.id } : { from, kind: 'to-tell' };
}
