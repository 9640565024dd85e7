import * as m from '#lib/i18n/paraglide/messages.js';
import type { ContextParts } from '#lib/message/message.ts';

/** One part of the context window, for a bar and for a list. Start and size are in tokens. */
export interface Part {
	kind: 'system' | 'summary' | 'history' | 'attachments' | 'question' | 'frame' | 'answer' | 'free';
	name: string;
	start: number;
	size: number;
}

export function usedTokens(parts: ContextParts): number {
	const { system, summary = 0, history, attachments = 0, question, frame, answer } = parts;
	return system + summary + history + attachments + question + frame + answer;
}

/** The parts in the order they stand in the window, without those that nobody has; what is free comes last. */
export function partsOf(context: ContextParts): Part[] {
	const free = Math.max(0, context.window - usedTokens(context));
	const sizes: Omit<Part, 'start'>[] = [
		{ kind: 'system', name: m.context_system(), size: context.system },
		{ kind: 'summary', name: m.context_summary(), size: context.summary ?? 0 },
		{ kind: 'history', name: m.context_history(), size: context.history },
		{ kind: 'attachments', name: m.context_attachments(), size: context.attachments ?? 0 },
		{ kind: 'question', name: m.context_question(), size: context.question },
		{ kind: 'frame', name: m.context_frame(), size: context.frame },
		{ kind: 'answer', name: m.context_answer(), size: context.answer },
		{ kind: 'free', name: m.context_free(), size: free }
	];
	let start = 0;
	return sizes.flatMap((part) => {
		start += part.size;
		const rare = part.kind === 'summary' || part.kind === 'attachments' || part.kind === 'answer';
		return rare && part.size === 0 ? [] : [{ ...part, start: start - part.size }];
	});
}
