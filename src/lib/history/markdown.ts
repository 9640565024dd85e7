import type { Message } from '#lib/message/message.ts';

/** How the authors are called in the reader's language. */
export interface AuthorNames {
	you: string;
	assistant: string;
}

/** The path that is shown, as Markdown: the title, then each message under its author's name. */
export function toMarkdown(title: string, path: Message[], names: AuthorNames): string {
	const parts = path.map((message) => {
		const writer = message.role === 'assistant' && message.writer ? ` (${message.writer.model})` : '';
		const author = message.role === 'user' ? names.you : names.assistant + writer;
		return `## ${author}\n\n${message.text.trim()}\n`;
	});
	return [`# ${title.replaceAll(/\s+/g, ' ')}\n`, ...parts].join('\n');
}
