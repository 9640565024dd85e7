import type { Reference, References } from './grammar.ts';

/** What reading a piece of text asked of the definitions and found for them. */
export interface Lookup {
	/** To be handed to the reader. */
	readonly references: References;
	/** Labels that were asked for and not defined. */
	readonly missing: Set<string>;
	/** Labels that were defined now. */
	readonly defined: Set<string>;
}

/** Link definitions of the part of a text that will not change; the first of a label counts. */
export class ReferenceBook {
	readonly #entries: References = Object.create(null) as References;

	/** For a piece that is settled: what it defines stays. */
	settled(): Lookup {
		return watch(this.#entries);
	}

	/** For a piece that may still change: what it defines is forgotten with the lookup. */
	passing(): Lookup {
		return watch(Object.create(this.#entries) as References);
	}
}

function watch(entries: References): Lookup {
	const missing = new Set<string>();
	const defined = new Set<string>();
	const references = new Proxy(entries, {
		get(target, label): Reference | undefined {
			if (typeof label !== 'string') return undefined;
			const found = target[label];
			if (!found) missing.add(label);
			return found;
		},
		set(target, label, value: Reference) {
			if (typeof label !== 'string') return false;
			target[label] = value;
			missing.delete(label);
			defined.add(label);
			return true;
		}
	});
	return { references, missing, defined };
}
