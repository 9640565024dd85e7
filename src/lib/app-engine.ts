import { saveFile } from './app-save.ts';
import { Carrying } from './chat/carrying.svelte.ts';
import { parseChosenModel } from './chat/chosen.ts';
import { Shelf } from './chat/shelf.svelte.ts';
import type { EngineModel } from './engine/engine.ts';
import { createEngine } from './engine/index.ts';
import { browserModelApi } from './app-builtin.ts';
import { BUILT_HOSTS, reachable } from './app-origins.ts';
import type { NetworkRoom } from './app-network.ts';
import { PUBLIC_MIRRORS } from '../policy.ts';
import type { History } from './history/history.ts';
import { type AppConfig, DEFAULT_CONTEXT, loadAppConfig, NO_CONFIG } from './models/app-config.ts';
import { BROWSER_MODEL, withBrowserModel } from './models/browser-model.ts';
import { type Build, catalogue, findBuild, type Model, SELF_TEST } from './models/catalogue.ts';
import { createDelivery, type Delivery } from './models/delivery.ts';
import { startDigest } from './models/digest.ts';
import { startWriter } from './models/parts/filed.ts';
import { partPlaces } from './models/parts/index.ts';
import { type DeviceEnvironment, inspectDevice } from './models/device.ts';
import { type DetailsEnvironment, networkOf } from './models/preflight.ts';
import { parseOwnModels } from './models/own.ts';
import { Bulletin } from './responder/bulletin.ts';
import { Counting, type Ruler } from './responder/counting.ts';
import type { Standing } from './responder/ladder.ts';
import { type Choice, Responder } from './responder/responder.ts';

interface Needs {
	history: History;
	/** The app's base URL, absolute, ending in "/". */
	base: string;
	/** Engines start only after this: the service worker gives their workers the security policy. */
	ready: Promise<void>;
	network: NetworkRoom['network'];
}

/** The heavy half of the composition root: models, engines and the responder, on first use. */
export function createEngineRoom({ history, base, ready, network }: Needs) {
	const origins = reachable(base);
	/** Read once for a page: whoever changes the file reloads to see it. */
	let read: Promise<AppConfig> | undefined;
	const readConfig = () => (read ??= loadAppConfig(network.fetch(), origins));
	/** The same without its mistakes: those are told on the models page. */
	const config = () => readConfig().catch(reportConfig);
	const browserModel = browserModelApi(network);
	const files = createDelivery({
		caches: globalThis.caches,
		parts: partPlaces({
			caches: globalThis.caches,
			root: async () => navigator.storage.getDirectory(),
			startWriter: async () => {
				await ready;
				return startWriter();
			}
		}),
		fetch: network.quietFetch,
		note: (url) => network.note(url, 'model'),
		startDigest: async () => {
			await ready;
			return startDigest();
		},
		base,
		storage: navigator.storage,
		locks: navigator.locks,
		publicMirrors: async () => ((await history.settings.get('publicMirrors')) === true ? PUBLIC_MIRRORS : {}),
		mirrors: async () => (await config()).mirrors,
		...(BUILT_HOSTS.models ? { modelHost: BUILT_HOSTS.models } : {})
	});
	const delivery = withBrowserModel(files, browserModel);
	const shelf = new Shelf({
		history,
		delivery,
		base,
		readConfig,
		inspect: async () => ({
			...(await inspectDevice(window as DeviceEnvironment)),
			...(browserModel ? { browserModel: await browserModel.availability() } : {})
		}),
		now: () => performance.now(),
		every(milliseconds, work) {
			const timer = setInterval(work, milliseconds);
			return () => clearInterval(timer);
		}
	});
	const carrying = new Carrying({
		delivery,
		origins,
		fetch: network.fetch('model'),
		save: saveFile,
		models: () => shelf.models,
		keep: (model) => (model ? shelf.keepOwn(model) : shelf.refresh())
	});
	const bulletin = new Bulletin(new BroadcastChannel('alcove:bulletin'));
	const responder = new Responder({
		id: crypto.randomUUID(),
		history,
		bulletin,
		locks: navigator.locks,
		now: () => Date.now(),
		createEngine: async (kind) => {
			await ready;
			return createEngine(kind);
		},
		choice: async () => choiceOf(history, delivery, base, await config()),
		other: async (than) => otherModel(than, history, delivery, base, await config()).catch(noOther),
		onChoice: (changed) => history.settings.one('model').subscribe(changed, report),
		newSeed: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) >>> 1,
		report
	});
	const counting = new Counting(
		new BroadcastChannel('alcove:counting'),
		crypto.randomUUID(),
		(model, text, signal) => responder.count(model, text, signal)
	);
	// a newer version has the database now: whoever speaks it may write on at once
	history.onOutdated(() => responder.close());
	let ruled: { build: string; window: number } | undefined;
	let running: Promise<void> | undefined;
	return {
		/** What the network may ask for a download, where the browser tells. */
		tariff: () => {
			const { connection } = navigator as DetailsEnvironment;
			return connection && networkOf(connection);
		},
		shelf,
		carrying,
		bulletin,
		/** Counts tokens as the chosen model does; before one is chosen, for a window as the models here have. */
		async ruler(): Promise<Ruler> {
			const chosen = parseChosenModel(await history.settings.get('model'));
			if (!chosen) return counting.ruler('', DEFAULT_CONTEXT);
			if (ruled?.build !== chosen.build) {
				const found = await findChosen(history, chosen.build, base, await config());
				ruled = { build: chosen.build, window: found?.model.contextWindow ?? DEFAULT_CONTEXT };
			}
			return counting.ruler(ruled.build, ruled.window);
		},
		/** The model that is in use, if it could answer. */
		async model(): Promise<string | undefined> {
			const choice = await choiceOf(history, delivery, base, await config());
			return choice.kind === 'ready' ? choice.name : undefined;
		},
		/** Offers this tab as the one that answers; the lock decides. */
		respond(): void {
			running ??= responder.run();
		}
	};
}

export type EngineRoom = ReturnType<typeof createEngineRoom>;

/** What no answer can show goes to the console, for a bug report. */
function report(error: unknown): void {
	console.error('The responder:', error);
}

/** The configuration of a host whose file is broken: none. */
function reportConfig(error: unknown): AppConfig {
	report(error);
	return NO_CONFIG;
}

/** The model that the person chose, if its files are here. */
async function choiceOf(
	history: History,
	delivery: Delivery,
	base: string,
	config: AppConfig
): Promise<Choice> {
	const chosen = parseChosenModel(await history.settings.get('model'));
	if (!chosen) return { kind: 'none' };
	const found = await findChosen(history, chosen.build, base, config);
	if (!found || !(await delivery.stored(found.build))) return { kind: 'not-here', name: chosen.name };
	return {
		kind: 'ready',
		name: found.model.name,
		model: await engineModel(found.model, found.build, delivery)
	};
}

/**
 * A model on this device for another engine than this one's: the same in another build, or else the one that
 * takes the least memory. The self-test is none: its sentence would be no answer; nor is the browser's own model,
 * which it may have to fetch first.
 */
async function otherModel(
	{ engine, id }: EngineModel,
	history: History,
	delivery: Delivery,
	base: string,
	config: AppConfig
): Promise<Standing | undefined> {
	const models = await knownModels(history, base, config);
	const same = findBuild(models, id)?.model.id;
	const builds = models
		.filter((model) => model.id !== SELF_TEST)
		.flatMap((model) => model.builds.map((build) => ({ model, build })))
		.filter(({ build }) => build.engine !== engine && build.engine !== 'builtin')
		.toSorted(
			(a, b) => Number(b.model.id === same) - Number(a.model.id === same) || a.build.memory - b.build.memory
		);
	for (const { model, build } of builds)
		if (await delivery.stored(build))
			return { name: model.name, model: await engineModel(model, build, delivery) };
	return undefined;
}

function noOther(error: unknown): undefined {
	report(error);
	return undefined;
}

/** All models that this device knows: those that ship, the host's, and the person's own. */
async function knownModels(history: History, base: string, { models, pins }: AppConfig): Promise<Model[]> {
	const own = parseOwnModels(await history.settings.get('ownModels'), base);
	return [...catalogue(base, [...models, ...own], pins), BROWSER_MODEL];
}

/** A build among all that this device knows. */
async function findChosen(history: History, build: string, base: string, config: AppConfig) {
	return findBuild(await knownModels(history, base, config), build);
}

async function engineModel(model: Model, build: Build, delivery: Delivery): Promise<EngineModel> {
	const base = {
		id: build.id,
		contextWindow: model.contextWindow,
		...(build.pace === undefined ? {} : { pace: build.pace })
	};
	if (build.engine === 'builtin') return { ...base, engine: 'builtin' };
	if (build.engine === 'webllm') return { ...base, engine: 'webllm', url: build.url, library: build.library };
	return { ...base, engine: 'wllama', weights: await delivery.open(build) };
}
