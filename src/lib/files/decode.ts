import { FileError } from './errors.ts';

/** A text, and the encoding that it was in. */
export interface Decoded {
	text: string;
	encoding: string;
}

/** What no text holds: control characters other than tabs, line and page ends, and escape. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/;

/** Byte order marks. */
const MARKS: { bytes: number[]; encoding: string }[] = [
	{ bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
	{ bytes: [0xff, 0xfe], encoding: 'utf-16le' },
	{ bytes: [0xfe, 0xff], encoding: 'utf-16be' }
];

/**
 * Reads bytes as text: by their mark, as UTF-8, or else as what older programs write in Chinese (GB 18030)
 * and in western languages (Windows-1252), told apart by which bytes come in pairs.
 * @throws FileError empty, binary
 */
export function decode(bytes: Uint8Array): Decoded {
	const mark = MARKS.find((candidate) => candidate.bytes.every((byte, index) => bytes[index] === byte));
	const tried = mark ? [mark.encoding] : ['utf-8', ...guess(bytes)];
	for (const encoding of tried) {
		const text = strictly(bytes, encoding);
		if (text === undefined) continue;
		if (CONTROLS.test(text)) break;
		if (text.trim() === '') throw new FileError('empty', `${bytes.length} bytes without a word`);
		return { text: text.replaceAll('\r\n', '\n'), encoding };
	}
	throw new FileError('binary', `not text in ${tried.join(', ')}`);
}

function strictly(bytes: Uint8Array, encoding: string): string | undefined {
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes);
	} catch (error) {
		if (error instanceof TypeError) return undefined;
		throw error;
	}
}

/** In GB 18030 nearly every byte beyond ASCII stands beside another; in a western text few do. */
function guess(bytes: Uint8Array): string[] {
	let high = 0;
	let paired = 0;
	for (let at = 0; at < bytes.length; at++) {
		if ((bytes[at] ?? 0) < 0x80) continue;
		high += 1;
		if ((bytes[at + 1] ?? 0) < 0x80) continue;
		high += 1;
		paired += 2;
		at += 1;
	}
	return paired > high * 0.8 ? ['gb18030', 'windows-1252'] : ['windows-1252'];
}
