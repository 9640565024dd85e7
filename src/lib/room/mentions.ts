import { BOUNDS } from './payload.ts';

/** How people call the model, wherever a mention counts. */
const CALLS = /(?<![A-Za-z0-9._-])@(?:ai(?![\p{Script=Latin}\p{N}_])|小助手)/giu;

/** Whether a text calls the model. A member whose name begins with it is meant by their whole name. */
export function callsAssistant(text: string, members: readonly { name: string }[]): boolean {
	const lower = text.toLocaleLowerCase();
	for (const { 0: call, index } of text.matchAll(CALLS)) {
		const isName = ({ name }: { name: string }) =>
			name.length >= call.length && lower.startsWith(name.toLocaleLowerCase(), index + 1);
		if (!members.some(isName)) return true;
	}
	return false;
}

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
