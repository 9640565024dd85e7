import { EngineError, wordsOf, type EngineErrorKind } from '../errors.ts';

/** What llama.cpp and the library say, by the kind of failure it means; the first that fits counts. */
const SIGNS: [EngineErrorKind, RegExp][] = [
	['context-overflow', /exceeds the available context size|context size has been exceeded/i],
	[
		'out-of-memory',
		/out of memory|\bOOM\b|bad_alloc|could not allocate|cannot allocate|failed to allocate|unable to allocate|cannot enlarge memory|array buffer allocation failed/i
	],
	['download', /fetching of the wasm failed|failed to fetch|networkerror|wasm streaming compile failed/i],
	['integrity', /error loading model|failed to load model|invalid magic|gguf_init|must be non-empty blob/i],
	['worker-lost', /has crashed|\(ABORT\)|RuntimeError|unreachable|memory access out of bounds/i]
];

/** What was thrown, with the last of the library's log, as an EngineError; an EngineError stays what it is. */
export function failureOf(thrown: unknown, log: readonly string[] = []): EngineError {
	if (thrown instanceof EngineError) return thrown;
	const detail = [wordsOf(thrown), ...log].join('\n');
	const name = thrown instanceof Error ? thrown.name : '';
	const kind = SIGNS.find(([, sign]) => sign.test(`${name} ${detail}`))?.[0] ?? 'unknown';
	return new EngineError(kind, detail, { cause: thrown });
}
