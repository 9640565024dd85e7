/**
 * Whether a key writes or takes back a character: such a key is for the palette as soon as that was asked for, be it
 * there or still on its way.
 */
export function isForPalette({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
	return /^(.|Backspace)$/u.test(key) && !ctrlKey && !metaKey && !altKey;
}
