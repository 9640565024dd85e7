import { describe, expect, test } from 'vitest';
import {
	BROWSER_BUILD,
	BROWSER_MODEL,
	type BrowserModelApi,
	withBrowserModel
} from '#lib/models/browser-model.ts';
import type { Delivery } from '#lib/models/delivery.ts';
import type { Device } from '#lib/models/device.ts';
import { chooseBuild } from '#lib/models/verdict.ts';

/** Delivery of files, which none of this may reach. */
const noFiles = new Proxy({} as Delivery, {
	get: () => () => {
		throw new Error('the files were asked');
	}
});
const never = (): AbortSignal => new AbortController().signal;

function browser(api: Partial<BrowserModelApi>): Delivery {
	return withBrowserModel(noFiles, { availability: async () => 'available', fetch: async () => {}, ...api });
}

describe("the browser's own model", () => {
	test('is here once the browser has it', async () => {
		expect(await browser({}).stored(BROWSER_BUILD)).toBe(true);
		expect(await browser({ availability: async () => 'downloadable' }).stored(BROWSER_BUILD)).toBe(false);
		expect(await withBrowserModel(noFiles, undefined).stored(BROWSER_BUILD)).toBe(false);
	});

	test('is fetched by the browser, which tells how far it is', async () => {
		const told: [number, number][] = [];
		const fetching = browser({
			fetch: async (onShare) => {
				onShare(0.25);
				onShare(1);
			}
		});
		await fetching.download(BROWSER_BUILD, { onProgress: (...now) => told.push(now), signal: never() });
		expect(told.map(([done, total]) => done / total)).toEqual([0.25, 1]);
	});

	test('says what the browser said when that fails, and is no failure where a person cancelled', async () => {
		const refusing = browser({
			fetch: async () => Promise.reject(new DOMException('Requires a user gesture', 'NotAllowedError'))
		});
		const failure = { kind: 'browser-model', detail: 'NotAllowedError: Requires a user gesture' };
		await expect(refusing.download(BROWSER_BUILD, { signal: never() })).rejects.toMatchObject({ failure });
		await expect(refusing.download(BROWSER_BUILD, { signal: AbortSignal.abort() })).rejects.toMatchObject({
			failure: { kind: 'aborted' }
		});
	});

	test('is not fetched while the person has forbidden the network', async () => {
		const forbidden = Object.assign(new Error('switched off'), { name: 'NoNetworkError' });
		const fetching = browser({ fetch: async () => Promise.reject(forbidden) });
		await expect(fetching.download(BROWSER_BUILD, { signal: never() })).rejects.toMatchObject({
			failure: { kind: 'no-network' }
		});
	});

	test('has no bytes here to count, to check or to delete', async () => {
		const delivery = browser({});
		expect(await delivery.have(BROWSER_BUILD)).toBe(0);
		expect(await delivery.verify(BROWSER_BUILD, { signal: never() })).toEqual({ missing: [], corrupt: [] });
		await expect(delivery.remove(BROWSER_BUILD)).resolves.toBeUndefined();
	});

	test('runs where the browser does not say that it cannot', () => {
		const device: Device = {
			gpu: { kind: 'none', why: 'no-webgpu', detail: '' },
			cores: 2,
			memory: undefined,
			isolated: true,
			storage: { kind: 'ready', free: 0, used: 0, persisted: false }
		};
		const choice = (browserModel?: Device['browserModel']) =>
			chooseBuild(BROWSER_MODEL, { ...device, ...(browserModel ? { browserModel } : {}) }, 'auto');
		expect(choice('downloadable')).toMatchObject({ kind: 'build', build: BROWSER_BUILD });
		const refused = [{ build: BROWSER_BUILD, reason: { kind: 'no-browser-model' } }];
		expect(choice('unavailable')).toEqual({ kind: 'none', refused });
		expect(choice()).toEqual({ kind: 'none', refused });
	});
});
