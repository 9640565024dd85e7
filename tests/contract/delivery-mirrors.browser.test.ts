import { beforeEach, expect, test } from 'vitest';
import { type HostRoom, takeRoom } from '../support/model-host-client.ts';
import { CANONICAL, clearStores, deliver, failureOf, folder, gguf, never } from './delivery-harness.ts';

let hub: HostRoom;
let copy: HostRoom;

beforeEach(async () => {
	await clearStores();
	[hub, copy] = [await takeRoom(), await takeRoom()];
});

const copies = (of: string) => () => Promise.resolve({ [new URL(of).origin]: copy.url });

test('a public copy of a host is asked after it, and first once it has served', async () => {
	await hub.order({ file: 'model.gguf', kind: 'status', status: 404, times: 9 });
	const delivery = deliver(hub.url, { publicMirrors: copies(CANONICAL) });
	await delivery.download(gguf, { signal: never });
	expect((await hub.log()).map(({ name }) => name)).toEqual(['model.gguf']);
	expect((await copy.log()).map(({ name }) => name)).toEqual(['model.gguf']);
	await delivery.download(folder, { signal: never });
	expect(await hub.log()).toHaveLength(1);
});

test('a public copy is not asked for files of another host, nor where nobody allows it', async () => {
	await hub.order({ file: 'model.gguf', kind: 'status', status: 404, times: 9 });
	const elsewhere = deliver(hub.url, { publicMirrors: copies('https://elsewhere.test/') });
	expect(await failureOf(elsewhere.download(gguf, { signal: never }))).toMatchObject({ status: 404 });
	expect(await failureOf(deliver(hub.url).download(gguf, { signal: never }))).toMatchObject({ status: 404 });
	expect(await copy.log()).toEqual([]);
});
