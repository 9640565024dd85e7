import { expect, test } from 'vitest';
import { type Arrival, type Arriving, type LaunchQueue, receive } from '#lib/app-arrivals.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import { webManifest } from '#lib/shell/manifest.ts';
import { SHARE_CACHE } from '#lib/shell/shared.ts';

/** As much of the Cache API as is used: responses by address. */
class Kept {
	readonly responses = new Map<string, Response>();
	match = (key: string) => Promise.resolve(this.responses.get(key));
	delete = (key: string) => Promise.resolve(this.responses.delete(key));
}

const BASE = 'https://host.example/alcove/';

/** A page that something arrives at. @param kept by their ids */
async function arrive(search: string, kept: Record<string, BodyInit> = {}, launchQueue?: LaunchQueue) {
	const cache = new Kept();
	for (const [id, body] of Object.entries(kept))
		cache.responses.set(`${BASE}share/${id}`, new Response(body));
	const caches = {
		open: (name: string) =>
			name === SHARE_CACHE ? Promise.resolve(cache) : Promise.reject(new Error(`no cache ${name}`))
	} as unknown as CacheStorage;
	const taken: Arrival[] = [];
	const arriving: Arriving = { search, base: BASE, caches, launchQueue };
	await receive(arriving, (arrival) => taken.push(arrival));
	return { taken, left: [...cache.responses.keys()] };
}

function form(fields: Record<string, string>, ...files: File[]): FormData {
	const data = new FormData();
	for (const [name, value] of Object.entries(fields)) data.set(name, value);
	for (const file of files) data.append('files', file);
	return data;
}

test.each([
	['', []],
	['?other=1', []],
	['?text=%20', []],
	['?title=Bread&text=How%3F&url=https%3A%2F%2Fa.example%2F', ['Bread\nHow?\nhttps://a.example/']],
	// many apps put the address into the text, too
	[
		'?title=Bread&text=Bread%20https%3A%2F%2Fa.example%2F&url=https%3A%2F%2Fa.example%2F',
		['Bread https://a.example/']
	],
	['?text=same&title=same', ['same']]
])('the address %j brings %j', async (search, texts) => {
	const { taken } = await arrive(search);
	expect(taken).toEqual(texts.map((text) => ({ kind: 'arrived', text, files: [] })));
});

test('a form that was kept brings its text and files, once', async () => {
	const file = new File(['# Notes'], 'notes.md', { type: 'text/markdown' });
	// an empty field for files is sent as one without a name
	const kept = { one: form({ text: 'Read this' }, file, new File([], '')), other: form({}) };
	const { taken, left } = await arrive('?shared=one', kept);
	expect(taken).toHaveLength(1);
	expect(taken[0]).toMatchObject({ kind: 'arrived', text: 'Read this' });
	const [arrival] = taken;
	const files = arrival?.kind === 'arrived' ? arrival.files : [];
	expect(files.map(({ name }) => name)).toEqual(['notes.md']);
	expect(await files[0]?.text()).toBe('# Notes');
	expect(left).toEqual([`${BASE}share/other`]);
	expect((await arrive('?shared=gone', kept)).taken).toEqual([]);
});

test('what could not be kept or is no form is told of', async () => {
	expect((await arrive('?shared=lost&lost=QuotaExceededError')).taken).toEqual([
		{ kind: 'lost', detail: 'QuotaExceededError' }
	]);
	expect((await arrive('?shared=bad', { bad: 'no form' })).taken[0]).toMatchObject({ kind: 'lost' });
});

test('files that are opened with the app arrive as often as they are opened; one that is gone is told of', async () => {
	const handle = (getFile: () => Promise<File>) => ({ getFile }) as unknown as FileSystemFileHandle;
	let launch: Parameters<LaunchQueue['setConsumer']>[0] = () => undefined;
	const { taken } = await arrive('', {}, { setConsumer: (consumer) => (launch = consumer) });
	launch({});
	launch({ files: [handle(() => Promise.resolve(new File(['a'], 'a.txt')))] });
	launch({ files: [handle(() => Promise.reject(new Error('NotFoundError')))] });
	await expect.poll(() => taken.length).toBe(2);
	expect(taken.map(({ kind }) => kind).sort()).toEqual(['arrived', 'lost']);
});

test('the manifest says in Chinese what it says in English, and calls pages as the app does', () => {
	const { description_localized, shortcuts } = webManifest('', () => true);
	expect(description_localized['zh']).toMatch(/模型在您自己的设备上运行/);
	for (const locale of ['en', 'zh-Hans'] as const) {
		const names = shortcuts.map(({ name, name_localized }) =>
			locale === 'en' ? name : name_localized['zh']
		);
		expect(names).toEqual([m.nav_new_chat({}, { locale }), m.nav_models({}, { locale })]);
	}
});

test('the manifest names the paths below the base, and files of one type once', () => {
	const manifest = webManifest('/alcove', () => true);
	expect(manifest.share_target?.action).toBe('/alcove/share');
	expect(manifest.shortcuts?.map(({ url }) => url)).toEqual(['/alcove/', '/alcove/models']);
	expect(manifest.file_handlers?.map(({ action }) => action)).toEqual(['/alcove/']);
	const endings = manifest.file_handlers?.flatMap(({ accept }) => Object.values(accept).flat()) ?? [];
	expect(new Set(endings).size).toBe(endings.length);
	expect(endings).toEqual(expect.arrayContaining(['.txt', '.md', '.csv', '.pdf', '.ts']));
});
