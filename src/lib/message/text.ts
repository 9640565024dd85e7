/** Longest text of one message, in UTF-16 code units: far beyond any context window here. */
export const MAX_TEXT_LENGTH = 100_000;

/** Longest title of a conversation, in UTF-16 code units. */
export const MAX_TITLE_LENGTH = 80;

/** What a person typed, judged before it becomes a message. */
export type CheckedText =
	{ kind: 'ok'; text: string } | { kind: 'empty' } | { kind: 'too-long'; length: number; limit: number };

/** Judges a message's text. It is kept to the letter; only a text of nothing but white space is empty. */
export function checkText(text: string): CheckedText {
	if (text.trim() === '') return { kind: 'empty' };
	if (text.length > MAX_TEXT_LENGTH) return { kind: 'too-long', length: text.length, limit: MAX_TEXT_LENGTH };
	return { kind: 'ok', text };
}

/** What stands before the first words of a Markdown text: white space, marks, and the lines that begin code. */
const MARKS = /^(?:[\s>]|[#*+-]+\s|(?:`{3,}|~~~)[^`\n]*\n)*(?=\S)/;

/** A conversation's first title: the first line with words of what was asked, cut at a whole character. */
export function titleOf(text: string): string {
	const words = text.replace(MARKS, '').replace(/^([*`]+)([^*`]+)\1/, '$2');
	const line = words.trim().split('\n', 1)[0] ?? '';
	const characters = Array.from(line);
	return characters.length <= 60 ? line : characters.slice(0, 59).join('').trimEnd() + '…';
}

/** The title of a copy: "Title (2)", and "Title (3)" of that one's copy, within the longest title. */
export function forkTitle(title: string): string {
	const [, name = title, number = '1'] = /^(.*\S) \((\d{1,4})\)$/.exec(title) ?? [];
	const end = ` (${String(Number(number) + 1)})`;
	const characters = Array.from(name);
	while (characters.join('').length + end.length > MAX_TITLE_LENGTH) characters.pop();
	return characters.join('').trimEnd() + end;
}
