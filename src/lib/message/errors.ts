/**
 * Why the history could not do what it was asked:
 * unavailable: the browser gives no database (private mode, blocked site data);
 * full: the device's storage is used up; newer: a later version of the app wrote the database;
 * upgrade: an older database could not be brought into today's form, and was left as it was;
 * missing: the conversation or message is not here; unknown: anything else, with its cause.
 */
export type HistoryErrorKind = 'unavailable' | 'full' | 'newer' | 'upgrade' | 'missing' | 'unknown';

/** A failure of the history, with the browser's own words in `message`, for a bug report. */
export class HistoryError extends Error {
	override readonly name = 'HistoryError';
	readonly kind: HistoryErrorKind;

	constructor(kind: HistoryErrorKind, detail: string, options?: ErrorOptions) {
		super(detail, options);
		this.kind = kind;
	}
}
