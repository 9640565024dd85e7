import type { Entry, Ledger, Sum } from './ledger.ts';
import type { Stored } from './stored.ts';

/** The record as it was read last. */
export type Reading =
	{ kind: 'reading' } | { kind: 'read'; entries: Entry[]; sums: Sum[] } | { kind: 'failed'; detail: string };

/** Where pages may send requests, by the policy that binds the open one. */
export interface Policy {
	/** Host sources beside the app's own, as the policy writes them; undefined where the page has no policy. */
	hosts: string[] | undefined;
	/** To the letter. */
	text: string;
}

export interface GlassEnvironment {
	ledger: Pick<Ledger, 'read' | 'clear'>;
	/** Tells of changes to the record. @returns the function that ends it */
	onNoted(listener: () => void): () => void;
	look(): Promise<Stored>;
	policy: Policy;
}

/** Everything about this app that a person may want to check for themselves. */
export class Glass {
	#record = $state.raw<Reading>({ kind: 'reading' });
	#stored = $state.raw<Stored | undefined>();
	#reading: Promise<void> | undefined;
	#again = false;
	readonly #env: GlassEnvironment;

	constructor(env: GlassEnvironment) {
		this.#env = env;
	}

	get record(): Reading {
		return this.#record;
	}

	/** Undefined until it was looked at. */
	get stored(): Stored | undefined {
		return this.#stored;
	}

	get policy(): Policy {
		return this.#env.policy;
	}

	/** Follows the record. @returns the function that ends it */
	start(): () => void {
		void this.#read();
		void this.#env.look().then((stored) => (this.#stored = stored));
		return this.#env.onNoted(() => void this.#read());
	}

	async clear(): Promise<void> {
		await this.#env.ledger.clear();
		await this.#read();
	}

	/** One reading at a time: what changed meanwhile is read once afterwards. */
	#read(): Promise<void> {
		this.#again = this.#reading !== undefined;
		this.#reading ??= this.#env.ledger
			.read()
			.then(
				(found) => (this.#record = { kind: 'read', ...found }),
				(error: unknown) => (this.#record = { kind: 'failed', detail: String(error) })
			)
			.then(() => {
				this.#reading = undefined;
				if (this.#again) return this.#read();
				return undefined;
			});
		return this.#reading;
	}
}

/** @param text the value of a Content-Security-Policy */
export function policyOf(text: string): Policy {
	const directives = text.split(';').map((part) => part.trim().split(/\s+/));
	const sources = directives.find(([name]) => name === 'connect-src') ?? undefined;
	return { hosts: sources?.slice(1).filter((source) => !source.startsWith("'")), text };
}
