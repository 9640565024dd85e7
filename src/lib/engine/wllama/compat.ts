import type { WllamaCompat } from '@wllama/wllama/esm/index.js';

/** Whether WebAssembly addresses memory with 64 bits here, as the usual build does. */
function hasMemory64(): boolean {
	try {
		const descriptor = { address: 'i64', initial: 1n };
		return (
			new WebAssembly.Memory(descriptor as unknown as WebAssembly.MemoryDescriptor) instanceof
			WebAssembly.Memory
		);
	} catch {
		return false; // a TypeError is how a browser without it answers
	}
}

/**
 * The slower build for browsers without JSPI or 64-bit memory (Safari), from our own origin: left to
 * itself the library fetches it from a public CDN. Null where it is not needed, so nobody loads it in vain.
 */
export async function selfHostedCompat(): Promise<WllamaCompat | null> {
	if ('Suspending' in WebAssembly && hasMemory64()) return null;
	const [worker, wasm] = await Promise.all([
		import('@wllama/wllama-compat/wasm/wllama.js?raw'),
		import('@wllama/wllama-compat/wasm/wllama.wasm?url')
	]);
	return { worker: { code: worker.default }, wasm: wasm.default };
}
