import { EngineError, wordsOf, type EngineErrorKind } from '../errors.ts';

/** The library's errors by their names, where it has one. */
const NAMES: Record<string, EngineErrorKind> = {
	ContextWindowSizeExceededError: 'context-overflow',
	WebGPUNotAvailableError: 'no-adapter',
	WebGPUNotFoundError: 'no-adapter',
	ShaderF16SupportError: 'no-f16',
	FeatureSupportError: 'no-adapter',
	DeviceLostError: 'device-lost',
	IntegrityError: 'integrity',
	UnsupportedTokenizerFilesError: 'integrity',
	ModelNotLoadedError: 'device-lost'
};

/** What it and the browser say elsewhere; the first that fits counts. */
const SIGNS: [EngineErrorKind, RegExp][] = [
	['no-adapter', /unable to find a compatible gpu|cannot initialize runtime because of requested/i],
	['out-of-memory', /out of memory|allocation failed|could not allocate|memory allocation|cannot allocate/i],
	['device-lost', /device\]? (was|is) lost|instance dropped|already been disposed/i],
	[
		'integrity',
		/unexpected (end|token)|is not valid json|LinkError|CompileError|WebAssembly\.(Module|Instance|instantiate|compile)|offset is out of bounds|out of range|cannot find parameter/i
	]
];

/** What was thrown, as an EngineError; an EngineError stays what it is. */
export function failureOf(thrown: unknown): EngineError {
	if (thrown instanceof EngineError) return thrown;
	const name = thrown instanceof Error ? thrown.name : '';
	const detail = wordsOf(thrown);
	const kind = NAMES[name] ?? SIGNS.find(([, sign]) => sign.test(`${name} ${detail}`))?.[0] ?? 'unknown';
	return new EngineError(kind, detail, { cause: thrown });
}
