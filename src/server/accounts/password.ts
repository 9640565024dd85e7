import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../refusal.ts';

/** Cost of a hash: memory in KiB and passes over it. */
export interface PasswordCost {
	memory: number;
	passes: number;
}

/** OWASP's first choice for argon2id: 19 MiB, two passes. */
export const DEFAULT_COST: PasswordCost = { memory: 19_456, passes: 2 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const STORED = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=1\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/;

/** At once; each takes a thread of libuv's pool and its memory. */
const RUNNING = 2;
/** Waiting for their turn; one more is refused, lest a flood of logins fill the memory. */
const WAITING = 64;

/** Hashes and checks passwords with argon2id, outside the event loop, a few at a time. */
export class Passwords {
	readonly #cost: PasswordCost;
	readonly #decoy: string;
	readonly #queue: (() => void)[] = [];
	#running = 0;

	constructor(cost: PasswordCost) {
		this.#cost = cost;
		this.#decoy = format(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
	}

	/** @throws Refusal busy */
	async hash(password: string): Promise<string> {
		const salt = randomBytes(SALT_BYTES);
		return format(this.#cost, salt, await this.#derive(password, salt, this.#cost));
	}

	/**
	 * Takes as long for an account that does not exist (`stored` null) as for one that does.
	 * @throws Refusal busy
	 */
	async verify(stored: string | null, password: string): Promise<boolean> {
		const match = STORED.exec(stored ?? this.#decoy);
		if (!match) throw new Error('a stored password hash has an unknown form');
		const [, memory = '', passes = '', salt = '', hash = ''] = match;
		const cost = { memory: Number(memory), passes: Number(passes) };
		const derived = await this.#derive(password, Buffer.from(salt, 'base64url'), cost);
		const expected = Buffer.from(hash, 'base64url');
		return expected.length === derived.length && timingSafeEqual(expected, derived) && stored !== null;
	}

	async #derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
		await this.#turn();
		try {
			return await argon2id(password, salt, cost);
		} finally {
			this.#running--;
			this.#queue.shift()?.();
		}
	}

	async #turn(): Promise<void> {
		if (this.#queue.length >= WAITING) throw new Refusal('busy', 1_000);
		while (this.#running >= RUNNING) await new Promise<void>((resolve) => this.#queue.push(resolve));
		this.#running++;
	}
}

function argon2id(password: string, nonce: Buffer, { memory, passes }: PasswordCost): Promise<Buffer> {
	// the same word typed on two keyboards may differ in its code points
	const message = Buffer.from(password.normalize('NFKC'));
	return new Promise((resolve, reject) => {
		argon2(
			'argon2id',
			{ message, nonce, parallelism: 1, tagLength: HASH_BYTES, memory, passes },
			(error, key) => (error ? reject(error) : resolve(key))
		);
	});
}

function format({ memory, passes }: PasswordCost, salt: Buffer, hash: Buffer): string {
	return `$argon2id$v=19$m=${memory},t=${passes},p=1$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}
