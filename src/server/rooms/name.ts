/** The form in which two names of open rooms are the same. */
export function roomNameKey(name: string): string {
	return name.normalize('NFKC').toLowerCase();
}
