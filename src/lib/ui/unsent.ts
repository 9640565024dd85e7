/** Keeps what is being written, by where, for when the page is loaded anew. */
export interface Unsent {
	get(key: string): string | null;
	set(key: string, text: string): void;
}
