import type { EngineModel } from '#lib/engine/engine.ts';
import type { Claim } from '#lib/history/claim.ts';
import type { Footing } from '#lib/message/message.ts';

/** A model that an answer can be written with, ready to load. */
export interface Standing {
	name: string;
	model: EngineModel;
}

/** Where an answer stands, and how often it was tried there since a word of it came last. */
export interface Position {
	footing: Footing;
	tries: number;
}

/** Which footings there are below the chosen one. */
export type Ground = Record<Exclude<Footing, 'chosen'>, boolean>;

const DOWN: readonly Footing[] = ['chosen', 'smaller', 'other'];

interface Cure {
	/** Tries in vain on one footing, before the next one down. */
	tries: number;
	then: readonly Exclude<Footing, 'chosen'>[];
}

/** What may help after a failure. Where there is no entry nothing does, but to say so. */
const CURES: Readonly<Record<string, Cure>> = {
	'device-lost': { tries: 2, then: ['smaller', 'other'] },
	'worker-lost': { tries: 2, then: ['smaller', 'other'] },
	// a page that takes too much is killed without a word; but people close pages, too
	interrupted: { tries: 4, then: ['smaller', 'other'] },
	'out-of-memory': { tries: 0, then: ['smaller', 'other'] },
	'no-adapter': { tries: 0, then: ['other'] },
	'no-f16': { tries: 0, then: ['other'] },
	download: { tries: 0, then: ['other'] }
};

/** A question that fits the chosen context may not fit the smaller one. */
const TOO_SMALL: Cure = { tries: 0, then: ['other'] };

/**
 * The ladder of an answer that cannot go on: the same again, then a smaller context, then the other engine.
 * @param cause the kind of the engine's failure, or "interrupted"
 * @returns what to go on with, or undefined where only a plain statement is left
 */
export function nextFooting(
	cause: string,
	{ footing, tries }: Position,
	ground: Ground
): Footing | undefined {
	const cure = cause === 'context-overflow' && footing === 'smaller' ? TOO_SMALL : CURES[cause];
	if (!cure) return undefined;
	// a context that was made smaller gets one try: the rest of the ladder is still to come
	if (tries < (footing === 'smaller' ? 1 : cure.tries)) return footing;
	return cure.then.find((next) => DOWN.indexOf(next) > DOWN.indexOf(footing) && ground[next]);
}

/** The least context, in tokens, that a conversation can be led in. */
const LEAST_WINDOW = 1024;

/** Half of a context, in tokens, or undefined where that would be too little. */
export function smallerWindow(window: number): number | undefined {
	const half = Math.floor(window / 2);
	return half >= LEAST_WINDOW ? half : undefined;
}

/** How an answer begins, or goes on. */
export type Start =
	| { kind: 'stand'; footing: Footing; standing: Standing; cause?: string }
	/** It was tried too often in vain. */
	| { kind: 'give-up'; cause: string };

/**
 * Finds what answers stand on. What failed for one answer is not tried again for the next, as long as the
 * person chooses nothing else and the page is not loaded anew.
 */
export class Ladder {
	readonly #other: (than: EngineModel) => Promise<Standing | undefined>;
	#fallen: { model: string; footing: Footing; cause: string } | undefined;

	/** @param other a model that is on the device, for another engine than the one of the given model */
	constructor(other: (than: EngineModel) => Promise<Standing | undefined>) {
		this.#other = other;
	}

	/** What an answer that was claimed is to be written with. */
	async start(chosen: Standing, claim: Claim): Promise<Start> {
		let { footing } = claim;
		let cause: string | undefined;
		if (footing === 'chosen' && this.#fallen?.model === keyOf(chosen.model)) {
			({ footing, cause } = this.#fallen);
		} else if (claim.orphan && claim.attempts > 0) {
			const next = await this.next(chosen, 'interrupted', { footing, tries: claim.attempts });
			if (next === undefined) return { kind: 'give-up', cause: 'interrupted' };
			if (next !== footing) cause = 'interrupted';
			footing = next;
		}
		const standing = await this.#standing(chosen, footing);
		return { kind: 'stand', footing, standing, ...(cause === undefined ? {} : { cause }) };
	}

	/** What an answer goes on with after a failure; undefined where nothing is left. */
	async next(chosen: Standing, cause: string, at: Position): Promise<Footing | undefined> {
		const footing = nextFooting(cause, at, {
			// the browser decides how much room its own model has
			smaller: chosen.model.engine !== 'builtin' && smallerWindow(chosen.model.contextWindow) !== undefined,
			other: (await this.#other(chosen.model)) !== undefined
		});
		if (footing !== undefined && footing !== 'chosen')
			this.#fallen = { model: keyOf(chosen.model), footing, cause };
		return footing;
	}

	async #standing(chosen: Standing, footing: Footing): Promise<Standing> {
		const { model, name } = chosen;
		if (footing === 'other') return (await this.#other(model)) ?? chosen;
		const contextWindow = footing === 'smaller' ? smallerWindow(model.contextWindow) : undefined;
		return contextWindow === undefined ? chosen : { name, model: { ...model, contextWindow } };
	}
}

function keyOf({ engine, id }: EngineModel): string {
	return `${engine} ${id}`;
}
