import { createMD5, createSHA256, type IHasher } from 'hash-wasm';
import type { FromDigest, ToDigest } from './digest.ts';

let hasher: Promise<IHasher> | undefined;

async function answer(message: ToDigest): Promise<void> {
	if (message.kind === 'begin') hasher = message.algorithm === 'md5' ? createMD5() : createSHA256();
	const hash = await hasher;
	if (!hash) throw new Error('bytes came before the algorithm');
	if (message.kind === 'begin') hash.init();
	if (message.kind === 'end') tell({ kind: 'sum', sum: hash.digest('hex') });
	if (message.kind !== 'bytes') return;
	hash.update(new Uint8Array(message.buffer, 0, message.length));
	tell({ kind: 'back', buffer: message.buffer }, [message.buffer]);
}

function tell(message: FromDigest, transfer: Transferable[] = []): void {
	self.postMessage(message, { transfer });
}

self.addEventListener('message', ({ data }: MessageEvent<ToDigest>) => {
	// each waits for the same promise: they are answered in the order in which they came
	answer(data).catch((error: unknown) => tell({ kind: 'failed', detail: String(error) }));
});
