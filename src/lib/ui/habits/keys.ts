/** What a shortcut does. */
export type Deed =
	| 'palette'
	| 'shortcuts'
	| 'new'
	| 'write'
	| 'stop'
	| 'retry'
	| 'edit'
	| 'copy'
	| 'read'
	| 'next'
	| 'previous';

/** A key and what it does. `mod` is ⌘ on Apple's machines and Ctrl elsewhere. */
export interface Shortcut {
	deed: Deed;
	/** As KeyboardEvent.key has it, in lower case. */
	key: string;
	mod?: boolean;
	shift?: boolean;
}

/**
 * With a modifier or Escape: these are heard while one types. None is a key that browsers keep for themselves,
 * that edits a text, or that an input method of Windows takes (Ctrl with a full stop, a comma or a space).
 */
export const ALWAYS: readonly Shortcut[] = [
	{ deed: 'palette', key: 'k', mod: true },
	{ deed: 'new', key: 'o', mod: true, shift: true },
	{ deed: 'shortcuts', key: '/', mod: true },
	{ deed: 'stop', key: 'escape' }
];

/** Single characters: only where nothing is typed, and only as long as they are switched on. */
export const SINGLE: readonly Shortcut[] = [
	{ deed: 'palette', key: '/' },
	{ deed: 'new', key: 'n' },
	{ deed: 'write', key: 'm' },
	{ deed: 'retry', key: 'r' },
	{ deed: 'edit', key: 'e' },
	{ deed: 'copy', key: 'c' },
	{ deed: 'read', key: 'l' },
	{ deed: 'next', key: 'j' },
	{ deed: 'previous', key: 'k' },
	{ deed: 'shortcuts', key: '?' }
];

/** What is looked at of a key that was pressed. */
export type KeyPress = Pick<
	KeyboardEvent,
	'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing' | 'keyCode'
>;

/**
 * What a key that was pressed is to do, if anything.
 * @param typing whether a text has the focus
 * @param single whether single characters count
 */
export function deedOf(press: KeyPress, typing: boolean, single: boolean): Deed | undefined {
	// a key of an input method is no shortcut; Safari says so only by the old code 229
	if (press.isComposing || press.keyCode === 229 || press.altKey) return undefined;
	const known = single && !typing ? [...ALWAYS, ...SINGLE] : ALWAYS;
	return known.find((shortcut) => fits(press, shortcut))?.deed;
}

function fits(press: KeyPress, { key, mod = false, shift = false }: Shortcut): boolean {
	if ((press.ctrlKey || press.metaKey) !== mod || letterOf(press) !== key) return false;
	// on some keyboards a sign such as / needs Shift
	return /^[^a-z]$/.test(key) || press.shiftKey === shift;
}

/** The key's letter; on keyboards of other scripts the Latin one at its place. */
function letterOf({ key, code }: KeyPress): string {
	const latin = /^Key([A-Z])$/.exec(code)?.[1];
	return (/^[^\p{ASCII}]$/u.test(key) && latin ? latin : key).toLowerCase();
}

/** The names of the keys, in the order in which they are pressed. */
export function keyNames({ key, mod, shift }: Shortcut, apple: boolean): string[] {
	const names = [];
	if (shift) names.push(apple ? '⇧' : 'Shift');
	if (mod) names.push(apple ? '⌘' : 'Ctrl');
	// Apple's own order has ⌘ last; elsewhere Ctrl comes first
	if (!apple) names.reverse();
	return [...names, key === 'escape' ? 'Esc' : key.toUpperCase()];
}

/** Whether this is a machine whose shortcuts have ⌘. */
export function isApple({ platform, userAgent }: Pick<Navigator, 'platform' | 'userAgent'>): boolean {
	return /^(mac|iphone|ipad)/i.test(platform) || /Mac OS X/.test(userAgent);
}
