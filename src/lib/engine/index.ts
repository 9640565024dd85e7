import type { Engine, EngineKind } from './engine.ts';
import type { Patience } from './thread.ts';

/**
 * An engine of a kind. Neither adapter is fetched before it is asked for here, and its library not
 * before its first load.
 */
export async function createEngine(kind: EngineKind, patience?: Partial<Patience>): Promise<Engine> {
	switch (kind) {
		case 'webllm':
			return (await import('./webllm/index.ts')).createWebllm(patience);
		case 'builtin':
			return (await import('./builtin/index.ts')).createBuiltin(patience);
		case 'wllama':
			return (await import('./wllama/index.ts')).createWllama(patience);
	}
}
