import { openDatabase } from '../open.ts';
import { Database } from '../schema.ts';
import { SearchIndex } from './index.ts';
import type { SearchReply, SearchRequest } from './protocol.ts';

const indexes = new Map<string, Promise<SearchIndex>>();

async function open(name: string): Promise<SearchIndex> {
	const database = new Database(name);
	await openDatabase(database);
	return new SearchIndex(database);
}

function indexOf(name: string): Promise<SearchIndex> {
	const index = indexes.get(name) ?? open(name);
	indexes.set(name, index);
	return index;
}

async function answer(request: SearchRequest): Promise<SearchReply> {
	const { id } = request;
	try {
		const index = await indexOf(request.database);
		if (request.kind === 'search') {
			const { query, limit, glance } = request;
			return { kind: 'found', id, found: await index.search(query, limit, glance) };
		}
		// of all tabs one fills the index at a time; the next then finds nothing left to do
		await navigator.locks.request(`${request.database}:search`, () => index.update());
		return { kind: 'updated', id };
	} catch (error) {
		indexes.delete(request.database);
		return { kind: 'failed', id, detail: String(error) };
	}
}

addEventListener('message', (event: MessageEvent<SearchRequest>) => {
	void answer(event.data).then((reply) => postMessage(reply));
});
