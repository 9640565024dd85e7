/** An "@" with the beginning of a name, where the caret stands. */
const BEGUN = /(?<![A-Za-z0-9._-])@([^\s@]{0,64})$/u;

/** The mention that is being written before the caret: where its "@" stands, and what follows that. */
export function mentionBefore(text: string, caret: number): { from: number; begun: string } | undefined {
	const found = BEGUN.exec(text.slice(0, caret));
	return found ? { from: found.index, begun: found[1] ?? '' } : undefined;
}

/** Names are offered up to this many. */
const OFFERED = 6;

/**
 * The names that a mention may become: first those that begin as it does, then those that have it within.
 * None where it is one of them already, so that Enter sends what is written.
 */
export function completions(begun: string, names: readonly string[]): string[] {
	const lower = begun.toLocaleLowerCase();
	const places = names.map((name) => ({ name, at: name.toLocaleLowerCase().indexOf(lower) }));
	if (places.some(({ name, at }) => at === 0 && name.length === begun.length)) return [];
	const first = places.filter(({ at }) => at === 0);
	const others = places.filter(({ at }) => at > 0);
	return [...first, ...others].slice(0, OFFERED).map(({ name }) => name);
}
