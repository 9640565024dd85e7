import { LOST, SHARE_CACHE, SHARE_FIELDS, SHARE_PATH, SHARED } from './shell/shared.ts';

/** What another program has handed over: a text to write on from, and files to attach. */
export type Arrival =
	| { kind: 'arrived'; text: string; files: File[] }
	/** It could not be kept or read; `detail` is the browser's word for why. */
	| { kind: 'lost'; detail: string };

/** What is used of the page it arrives at. */
export interface Arriving {
	/** Of the page's address, with its question mark. */
	search: string;
	/** The app's base URL, absolute, ending in "/". */
	base: string;
	caches: CacheStorage;
	/** Where the browser hands over files that were opened with the app; not in every browser. */
	launchQueue: LaunchQueue | undefined;
}

/** Not yet in TypeScript. */
export interface LaunchQueue {
	setConsumer(consumer: (launch: { files?: readonly FileSystemFileHandle[] }) => void): void;
}

/** Looks once for what was shared with the app, and from then on for files that are opened with it. */
export async function receive(arriving: Arriving, take: (arrival: Arrival) => void): Promise<void> {
	arriving.launchQueue?.setConsumer(({ files = [] }) => {
		if (files.length > 0) void opened(files).then(take);
	});
	const shared = await sharedWith(arriving);
	if (shared) take(shared);
}

async function opened(handles: readonly FileSystemFileHandle[]): Promise<Arrival> {
	try {
		return { kind: 'arrived', text: '', files: await Promise.all(handles.map((handle) => handle.getFile())) };
	} catch (error) {
		return { kind: 'lost', detail: String(error) };
	}
}

async function sharedWith({ search, base, caches }: Arriving): Promise<Arrival | undefined> {
	const query = new URLSearchParams(search);
	const id = query.get(SHARED);
	if (id === null) {
		const text = textOf(query);
		return text === '' ? undefined : { kind: 'arrived', text, files: [] };
	}
	if (id === LOST) return { kind: 'lost', detail: query.get(LOST) ?? '' };
	try {
		const cache = await caches.open(SHARE_CACHE);
		const kept = `${base}${SHARE_PATH}/${encodeURIComponent(id)}`;
		const response = await cache.match(kept);
		// taken already, by this page before it was loaded again
		if (!response) return undefined;
		const form = await response.formData();
		await cache.delete(kept);
		const files = form.getAll(SHARE_FIELDS.files).filter((value) => value instanceof File);
		return { kind: 'arrived', text: textOf(form), files: files.filter(({ name }) => name !== '') };
	} catch (error) {
		return { kind: 'lost', detail: String(error) };
	}
}

/** Title, text and address, each on a line of its own, without what another of them has already. */
function textOf(given: FormData | URLSearchParams): string {
	const { title, text, url } = SHARE_FIELDS;
	const lines = [title, text, url].flatMap((name) => {
		const value = given.get(name);
		return typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [];
	});
	return lines
		.filter(
			(line, index) =>
				!lines.some((other, at) => at !== index && other.includes(line) && (other !== line || at < index))
		)
		.join('\n');
}
