import * as m from '#lib/i18n/paraglide/messages.js';
import type { ContextParts } from '#lib/message/message.ts';

/** One part of the context window, for a bar and for a list. Start and size are in tokens. */
export interface Part {
	kind: 'system' | 'history' | 'question' | 'frame' | 'answer' | 'free';
	name: string;
	start: number;
	size: number;
}

export function usedTokens({ system, history, question, frame, answer }: ContextParts): number {
	return system + history + question + frame + answer;
}

/** The parts in the order they stand in the window; what is free comes last. */
export function partsOf(context: ContextParts): Part[] {
	const free = Math.max(0, context.window - usedTokens(context));
	const sizes = [
		{ kind: 'system', name: m.context_system(), size: context.system },
		{ kind: 'history', name: m.context_history(), size: context.history },
		{ kind: 'question', name: m.context_question(), size: context.question },
		{ kind: 'frame', name: m.context_frame(), size: context.frame },
		{ kind: 'answer', name: m.context_answer(), size: context.answer },
		{ kind: 'free', name: m.context_free(), size: free }
	] as const;
	let start = 0;
	return sizes.map((part) => {
		start += part.size;
		return { ...part, start: start - part.size };
	});
}
