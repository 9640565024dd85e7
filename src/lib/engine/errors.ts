/** Why an engine could not do what it was asked. The words for people are in `i18n`, by kind. */
export const ENGINE_ERROR_KINDS = [
	'no-adapter',
	'no-f16',
	'out-of-memory',
	'device-lost',
	'worker-lost',
	'download',
	'integrity',
	'context-overflow',
	'aborted',
	'unknown'
] as const;

export type EngineErrorKind = (typeof ENGINE_ERROR_KINDS)[number];

/** A failure of an engine, with the library's own words in `message`, for a bug report. */
export class EngineError extends Error {
	override readonly name = 'EngineError';
	readonly kind: EngineErrorKind;

	constructor(kind: EngineErrorKind, detail: string, options?: ErrorOptions) {
		super(detail, options);
		this.kind = kind;
	}
}

/** What was thrown, as words for a bug report: some libraries throw strings, and some errors have no message. */
export function wordsOf(thrown: unknown): string {
	if (thrown instanceof Error) return thrown.message || thrown.name;
	return typeof thrown === 'string' ? thrown : JSON.stringify(thrown) || String(thrown);
}
