import { BOUNDS } from './payload.ts';

/** The accounts that a text names by "@name". Of two names with one beginning the longer one is meant. */
export function mentioned(text: string, members: readonly { account: string; name: string }[]): string[] {
	const found = new Set<string>();
	const byLength = [...members].sort((one, other) => other.name.length - one.name.length);
	const lower = text.toLocaleLowerCase();
	for (let at = lower.indexOf('@'); at !== -1; at = lower.indexOf('@', at + 1)) {
		const named = byLength.find(({ name }) => lower.startsWith(name.toLocaleLowerCase(), at + 1));
		if (named) found.add(named.account);
	}
	return [...found].slice(0, BOUNDS.mentions);
}
