/** Why an engine could not do what it was asked. The words for people are in `i18n`, by kind. */
export type EngineErrorKind =
	| 'no-adapter'
	| 'no-f16'
	| 'out-of-memory'
	| 'device-lost'
	| 'worker-lost'
	| 'download'
	| 'integrity'
	| 'context-overflow'
	| 'aborted'
	| 'unknown';

/** A failure of an engine, with the library's own words in `message`, for a bug report. */
export class EngineError extends Error {
	override readonly name = 'EngineError';
	readonly kind: EngineErrorKind;

	constructor(kind: EngineErrorKind, detail: string, options?: ErrorOptions) {
		super(detail, options);
		this.kind = kind;
	}
}
