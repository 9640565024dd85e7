import { describe, expect, test } from 'vitest';
import { decode } from '#lib/files/decode.ts';
import { FileError, type FileErrorKind } from '#lib/files/errors.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

function refusal(bytes: Uint8Array): FileErrorKind | undefined {
	try {
		decode(bytes);
	} catch (error) {
		if (error instanceof FileError) return error.kind;
		throw error;
	}
	return undefined;
}

describe('the encoding of a text file', () => {
	test.each([
		['utf-8', utf8('a,b\n1,2\n汉字 🙂')],
		['utf-8', new Uint8Array([0xef, 0xbb, 0xbf, ...utf8('a,b\n1,2\n汉字 🙂')])],
		['utf-16le', new Uint8Array([0xff, 0xfe, ...Buffer.from('a,b\n1,2\n汉字 🙂', 'utf16le')])],
		['utf-16be', new Uint8Array([0xfe, 0xff, ...Buffer.from('a,b\n1,2\n汉字 🙂', 'utf16le').swap16()])]
	])('%s is read to the letter', (encoding, bytes) => {
		expect(decode(bytes)).toEqual({ text: 'a,b\n1,2\n汉字 🙂', encoding });
	});

	test('line ends are one character', () => {
		expect(decode(utf8('a\r\nb\nc')).text).toBe('a\nb\nc');
	});

	test('older Chinese and western files are told apart', () => {
		// "姓名,城市" and "élan, café" as programs without UTF-8 write them
		const chinese = new Uint8Array([0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0xb3, 0xc7, 0xca, 0xd0]);
		const western = new Uint8Array([0xe9, 0x6c, 0x61, 0x6e, 0x2c, 0x20, 0x63, 0x61, 0x66, 0xe9]);
		expect(decode(chinese)).toEqual({ text: '姓名,城市', encoding: 'gb18030' });
		expect(decode(western)).toEqual({ text: 'élan, café', encoding: 'windows-1252' });
	});

	test.each([
		['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])],
		['an archive', new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0x14, 0, 0, 0])],
		['UTF-16 without its mark', new Uint8Array([0x61, 0, 0x62, 0])]
	])('%s is no text', (_, bytes) => {
		expect(refusal(bytes)).toBe('binary');
	});

	test.each([
		['nothing but spaces', utf8(' \n\t')],
		['nothing but a mark', new Uint8Array([0xef, 0xbb, 0xbf])]
	])('%s is empty', (_, bytes) => {
		expect(refusal(bytes)).toBe('empty');
	});
});
