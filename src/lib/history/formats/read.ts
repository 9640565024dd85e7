/** Any file that can be taken in: which format it is, and what is in it. */
import { isAlcove, readAlcove, unique } from './alcove.ts';
import { isChatGpt, readChatGpt } from './chatgpt.ts';
import type { Imported } from './exported.ts';
import { ImportError } from './import-error.ts';
import { isLlamaCpp, readLlamaCpp } from './llama-cpp.ts';
import { isWebLlmChat, readWebLlmChat } from './web-llm-chat.ts';

/** The largest file that is read: the text and what is made of it are in memory together. */
export const MAX_FILE_BYTES = 400_000_000;

/** @throws ImportError too-large, not-json, unknown, newer, wrong */
export async function readFile(file: Blob, now: number): Promise<Imported> {
	if (file.size > MAX_FILE_BYTES)
		throw new ImportError({ kind: 'too-large', bytes: file.size, limit: MAX_FILE_BYTES });
	return readImport(await file.text(), now);
}

/** @param now the time of conversations that tell none @throws ImportError not-json, unknown, newer, wrong */
export async function readImport(source: string, now: number): Promise<Imported> {
	const value = parse(source);
	if (isAlcove(value)) return readAlcove(value);
	const imported = await readForeign(value, now);
	unique(imported.conversations);
	return imported;
}

async function readForeign(value: unknown, now: number): Promise<Imported> {
	if (isChatGpt(value)) return readChatGpt(value);
	if (isLlamaCpp(value)) return readLlamaCpp(value);
	if (isWebLlmChat(value)) return readWebLlmChat(value, now);
	throw new ImportError({ kind: 'unknown' });
}

function parse(source: string): unknown {
	try {
		// some editors put a mark of the byte order before the text
		return JSON.parse(source.replace(/^\uFEFF/, ''));
	} catch (cause) {
		throw new ImportError({ kind: 'not-json', detail: String(cause) }, { cause });
	}
}
