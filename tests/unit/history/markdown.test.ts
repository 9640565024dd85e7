import { expect, test } from 'vitest';
import { toMarkdown } from '#lib/history/markdown.ts';
import type { Message } from '#lib/message/message.ts';

test('a path as Markdown: the title, then each message under its author and model', () => {
	const base = { conversation: 'c', createdAt: 1 };
	const path: Message[] = [
		{ ...base, id: 'q', parent: null, depth: 0, role: 'user', text: 'Why?\n' },
		{
			...base,
			id: 'a',
			parent: 'q',
			depth: 1,
			role: 'assistant',
			text: '**So.**',
			state: { kind: 'stopped', at: 2 },
			writer: { model: 'tiny', engine: 'wllama' }
		}
	];
	expect(toMarkdown('A\ntitle', path, { you: 'You', assistant: 'Assistant' })).toBe(
		'# A title\n\n## You\n\nWhy?\n\n## Assistant (tiny)\n\n**So.**\n'
	);
});
