/**
 * Why a file could not be taken in:
 * not-json: it is no JSON at all; unknown: JSON, but no export that is known here; newer: this app's own
 * format, in a later version; wrong: at one place there is something else than the format says;
 * too-large: more than a page can read at once; clash: it is told of a message that belongs elsewhere here.
 */
export type ImportFailure =
	| { kind: 'not-json'; detail: string }
	| { kind: 'unknown' }
	| { kind: 'newer'; version: number; known: number }
	| { kind: 'wrong'; at: string; expected: string; got: string }
	| { kind: 'too-large'; bytes: number; limit: number }
	| { kind: 'clash'; message: string };

/** A file that was refused, whole: nothing of it is in the history. */
export class ImportError extends Error {
	override readonly name = 'ImportError';
	readonly failure: ImportFailure;

	constructor(failure: ImportFailure, options?: ErrorOptions) {
		super(JSON.stringify(failure), options);
		this.failure = failure;
	}
}
