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
	/** The person has forbidden the network. */
	| { kind: 'no-network' }
	/** `free` is undefined where the browser tells nothing. */
	| { kind: 'quota'; needed: number; free: number | undefined }
	| { kind: 'no-storage'; detail: string }
	/** The browser did not fetch its own model. */
	| { kind: 'browser-model'; detail: string }
	| { kind: 'aborted' };

/** Why a model could not be taken out of a file. Sizes are bytes. */
export type CarryFailure =
	/** It is no file of that kind. */
	| { kind: 'not-one' }
	/** A later version of the app wrote it. */
	| { kind: 'newer'; version: string }
	| { kind: 'bad-header'; detail: string }
	/** It ends before its end: a copy that was broken off. */
	| { kind: 'truncated'; expected: number; got: number }
	/** The bytes of `file` are not those that were packed, or not those of its manifest. */
	| { kind: 'corrupt'; file: string }
	/** Files are missing, or there are others than the model has. */
	| { kind: 'incomplete'; detail: string }
	| { kind: 'unreadable'; detail: string };

/** A file that could not be taken in; nothing of it stays on the device. */
export class CarryError extends Error {
	override readonly name = 'CarryError';
	readonly failure: CarryFailure;

	constructor(failure: CarryFailure, options?: ErrorOptions) {
		super(JSON.stringify(failure), options);
		this.failure = failure;
	}
}

/** Why a model cannot be had from an address. */
export type AddressFailure =
	| { kind: 'no-address'; field: 'url' | 'library' }
	/** The page's policy, fixed when it was built, lets it reach `allowed` alone. */
	| { kind: 'foreign-host'; host: string; allowed: string[] }
	/** The server keeps the size of the file to itself. */
	| { kind: 'no-size'; url: string }
	/** An MLC model was asked for without the library compiled for it. */
	| { kind: 'no-library' };

export class AddressError extends Error {
	override readonly name = 'AddressError';
	readonly failure: AddressFailure;

	constructor(failure: AddressFailure, options?: ErrorOptions) {
		super(JSON.stringify(failure), options);
		this.failure = failure;
	}
}

/** Why a file cannot be used as a model for llama.cpp. Sizes are bytes. */
export type GgufFailure =
	| { kind: 'not-one' }
	/** One of `parts` files that make a model together. */
	| { kind: 'split'; parts: number }
	/** `expected` is undefined where even the head is cut. */
	| { kind: 'truncated'; expected: number | undefined; got: number }
	| { kind: 'unreadable'; detail: string };

export class GgufError extends Error {
	override readonly name = 'GgufError';
	readonly failure: GgufFailure;

	constructor(failure: GgufFailure, options?: ErrorOptions) {
		super(JSON.stringify(failure), options);
		this.failure = failure;
	}
}

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
