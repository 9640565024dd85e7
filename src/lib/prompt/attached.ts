import type { Attachment } from '#lib/message/attachment.ts';

/** What stands for the words between two passages that were sent. */
export const GAP = '\n[…]\n';

const PARTS = { first: ' (its first part)', passages: ' (the passages that match the question)' } as const;

/**
 * A question with its files before it, each under its name and in a fence that nothing in it can close.
 * The same message always gives the same words: an engine keeps what it has read only while they are.
 */
export function withAttachments(question: string, attachments: readonly Attachment[]): string {
	return [...attachments.map(fenced), question].join('\n\n');
}

function fenced({ name, type, text, part }: Attachment): string {
	const longest = Math.max(0, ...(text.match(/`{3,}/g) ?? []).map((run) => run.length));
	const fence = '`'.repeat(Math.max(3, longest + 1));
	const language = /^[a-z0-9]{1,10}$/.test(type) ? type : '';
	// a line of its own for the name, whatever the name holds
	const title = name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
	return `File: ${title}${part ? PARTS[part] : ''}\n${fence}${language}\n${text}\n${fence}`;
}
