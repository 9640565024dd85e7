/**
 * Begins something with what is still on its way, as soon as that is there.
 * @param begin returns the function that ends what it began
 * @returns the function that ends it; when that comes first, nothing is begun
 */
export function onceThere<T>(arriving: Promise<T>, begin: (there: T) => () => void): () => void {
	let end: (() => void) | undefined;
	let ended = false;
	void arriving.then((there) => {
		if (!ended) end = begin(there);
	});
	return () => {
		ended = true;
		end?.();
	};
}
