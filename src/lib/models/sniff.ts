/** Whether what arrives is what was asked for: a proxy's login page is found out at its first bytes. */
import { DeliveryError } from './errors.ts';
import type { ModelFile } from './files.ts';

const NAMES: Record<ModelFile['content'], string> = {
	json: 'JSON',
	wasm: 'a WebAssembly module',
	gguf: 'a GGUF model',
	weights: 'model weights'
};

const MAGIC: Partial<Record<ModelFile['content'], string>> = { wasm: '\0asm', gguf: 'GGUF' };

/** @throws DeliveryError not-what-was-asked where the server says that it sends a web page */
export function refuseHtml(response: Response, url: string, { content }: ModelFile): void {
	const type = response.headers.get('content-type') ?? '';
	if (!type.startsWith('text/html')) return;
	throw new DeliveryError({ kind: 'not-what-was-asked', url, expected: NAMES[content], got: type });
}

/**
 * Looks at a file's first bytes, once there are four.
 * @throws DeliveryError not-what-was-asked
 */
export function inspectStart(start: Uint8Array, url: string, { content }: ModelFile): void {
	const bytes = [...start.subarray(0, 4)];
	if (bytes.length < 4) return;
	const text = String.fromCharCode(...bytes);
	if (isFit(text, content)) return;
	const got = text.trimStart().startsWith('<') ? 'a web page' : `bytes that begin with ${hex(bytes)}`;
	throw new DeliveryError({ kind: 'not-what-was-asked', url, expected: NAMES[content], got });
}

function isFit(start: string, content: ModelFile['content']): boolean {
	if (content === 'weights') return true;
	if (content === 'json') return /^\s*([[{]|$)/.test(start);
	return start === MAGIC[content];
}

function hex(bytes: number[]): string {
	return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
