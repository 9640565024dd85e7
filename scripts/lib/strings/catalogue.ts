/** Each key of a language's strings with the names of its placeholders, sorted. */
export type Placeholders = Map<string, string[]>;

/**
 * Reads a language's messages (inlang's message format): texts, or variants with a `match`.
 * @throws Error naming a key whose message is neither
 */
export function readMessages(json: unknown): Placeholders {
	if (typeof json !== 'object' || json === null) throw new Error('messages are no object');
	const entries = Object.entries(json).filter(([key]) => key !== '$schema');
	return new Map(entries.map(([key, message]) => [key, placeholders(key, message)]));
}

function placeholders(key: string, message: unknown): string[] {
	const names = textsOf(key, message).flatMap((text) => [...text.matchAll(/(?<!\\)\{\s*(\w+)[^}]*\}/g)]);
	return [...new Set(names.map((match) => match[1] ?? ''))].sort();
}

function textsOf(key: string, message: unknown): string[] {
	if (typeof message === 'string' && message.trim()) return [message];
	const variants: unknown[] = Array.isArray(message) ? message : [];
	const texts = variants.flatMap((variant): unknown[] => {
		if (typeof variant !== 'object' || variant === null || !('match' in variant)) return [undefined];
		return Object.values(variant.match ?? {});
	});
	if (texts.length === 0 || !texts.every((text) => typeof text === 'string' && text)) {
		throw new Error(`the message ${key} has no text`);
	}
	return texts.map(String);
}

/** What one language lacks or has too much, held against another. */
export function differences(left: Placeholders, right: Placeholders): string[] {
	const found: string[] = [];
	for (const key of new Set([...left.keys(), ...right.keys()])) {
		const [a, b] = [left.get(key), right.get(key)];
		if (!a || !b) found.push(`${key} is missing on the ${a ? 'right' : 'left'}`);
		else if (a.join() !== b.join())
			found.push(`${key} has {${a.join()}} on the left, {${b.join()}} on the right`);
	}
	return found;
}

/** Keys that no source names. */
export function unusedKeys(keys: Iterable<string>, sources: string[]): string[] {
	const words = new Set(sources.flatMap((source) => source.match(/[\w$]+/g) ?? []));
	return [...keys].filter((key) => !words.has(key));
}
