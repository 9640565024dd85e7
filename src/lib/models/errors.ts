/** Why a file could not be brought onto the device. Sizes are bytes, durations milliseconds. */
export type DeliveryFailure =
	/** The server refused. `retryAfter` is what it asked for, if it did. */
	| { kind: 'http'; url: string; status: number; retryAfter?: number }
	/** Something else came: a login page for a file, say. */
	| { kind: 'not-what-was-asked'; url: string; expected: string; got: string }
	/** The server ended the file before its end. */
	| { kind: 'truncated'; url: string; expected: number; got: number }
	/** The bytes are all there and wrong, again and again. */
	| { kind: 'corrupt'; url: string; algorithm: 'sha256' | 'md5'; expected: string; got: string }
	/** Nothing came for `after` milliseconds, again and again. */
	| { kind: 'stalled'; url: string; after: number }
	| { kind: 'unreachable'; url: string; detail: string }
	/** `free` is undefined where the browser tells nothing. */
	| { kind: 'quota'; needed: number; free: number | undefined }
	| { kind: 'no-storage'; detail: string }
	| { kind: 'aborted' };

/** A download that failed; what had arrived stays on the device, and asking again goes on from there. */
export class DeliveryError extends Error {
	override readonly name = 'DeliveryError';
	readonly failure: DeliveryFailure;

	constructor(failure: DeliveryFailure, options?: ErrorOptions) {
		super(JSON.stringify(failure), options);
		this.failure = failure;
	}

	get kind(): DeliveryFailure['kind'] {
		return this.failure.kind;
	}
}
