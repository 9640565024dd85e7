import { EngineError, wordsOf } from '../errors.ts';

/** The smallest module there is: the magic word and the version. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/**
 * Checks what the library's nested worker would fail at without a word, and hang.
 * @param url where the library's WebAssembly lies, on our own origin
 * @throws EngineError download, when it cannot be had; unknown, when the page's policy forbids WebAssembly
 */
export async function checkWasm(url: string): Promise<void> {
	try {
		new WebAssembly.Module(EMPTY_MODULE);
	} catch (error) {
		throw new EngineError('unknown', `WebAssembly is not allowed here: ${wordsOf(error)}`, { cause: error });
	}
	let response: Response;
	try {
		response = await fetch(url);
	} catch (error) {
		throw new EngineError('download', `${url}: ${wordsOf(error)}`, { cause: error });
	}
	await response.body?.cancel(); // the library fetches it itself
	if (!response.ok) throw new EngineError('download', `${url}: ${response.status}`);
}
