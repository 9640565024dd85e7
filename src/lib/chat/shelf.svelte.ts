import type { History } from '#lib/history/history.ts';
import { type AppConfig, type AppConfigError, NO_CONFIG } from '#lib/models/app-config.ts';
import { BROWSER_MODEL } from '#lib/models/browser-model.ts';
import { type Build, catalogue, type Model } from '#lib/models/catalogue.ts';
import { parseOwnModels } from '#lib/models/own.ts';
import type { Delivery } from '#lib/models/delivery.ts';
import type { Device } from '#lib/models/device.ts';
import type { DeliveryError } from '#lib/models/errors.ts';
import { Pace } from '#lib/models/pace.ts';
import { type Choice, chooseBuild, defaultModel, type EnginePreference } from '#lib/models/verdict.ts';
import { type ChosenModel, parseChosenModel, parsePreference } from './chosen.ts';

/** What is on the device of a model. */
export type Stock =
	| { kind: 'absent' }
	/** `speed` is bytes a second, once there is a second to judge by. */
	| { kind: 'arriving'; done: number; total: number; speed: number | undefined; abort: AbortController }
	/** A part of it is here, from a download that was paused, or cut off by a reload or a crash; or the rest was `damaged`. */
	| { kind: 'paused'; done: number; total: number; damaged?: true }
	/** It is read again and held against its sums; `done` of `total` bytes by now. */
	| { kind: 'verifying'; done: number; total: number; abort: AbortController }
	| { kind: 'failed'; error: unknown }
	/** `verified`: every byte was just found right. */
	| { kind: 'here'; verified?: true };

/** Why a download ended whose person wants none of it. */
const CANCELLED = 'cancelled';

/** A model as the models page shows it. */
export interface ShelfEntry {
	model: Model;
	choice: Choice;
	/** The build that stock is about: the chosen one, or undefined where none runs here. */
	build: Build | undefined;
	stock: Stock;
	/** Whether it was on the device when that was looked at last: a page then keeps its order while one acts. */
	held: boolean;
}

/** What the shelf takes from outside. */
export interface ShelfEnvironment {
	history: History;
	delivery: Delivery;
	/** The app's base URL, absolute, ending in "/". */
	base: string;
	/** What the host has set. @throws AppConfigError */
	readConfig(): Promise<AppConfig>;
	inspect(): Promise<Device>;
	/** Milliseconds. */
	now(): number;
	/** Calls `work` every so many milliseconds. @returns the function that ends it */
	every(milliseconds: number, work: () => void): () => void;
}

/** The models on offer, what this device can do with them, and which of them are here. */
export class Shelf {
	#device = $state.raw<Device | undefined>();
	#models = $state.raw<Model[]>([]);
	#stock = $state.raw<ReadonlyMap<string, Stock>>(new Map());
	#held = $state.raw<ReadonlySet<string>>(new Set());
	#preference = $state<EnginePreference>('auto');
	#chosen = $state.raw<ChosenModel | undefined>();
	#mirrored = $state(false);
	#config = $state.raw(NO_CONFIG);
	#configError = $state.raw<AppConfigError | undefined>();
	readonly #env: ShelfEnvironment;
	readonly #entries = $derived.by(() => this.#list());

	constructor(env: ShelfEnvironment) {
		this.#env = env;
		const { settings } = env.history;
		const ignore = () => undefined;
		settings.one('model').subscribe((value) => (this.#chosen = parseChosenModel(value)), ignore);
		settings.one('publicMirrors').subscribe((value) => (this.#mirrored = value === true), ignore);
		settings.one('engine').subscribe((value) => (this.#preference = parsePreference(value)), ignore);
	}

	/** What this device can do; undefined until it has been looked at. */
	get device(): Device | undefined {
		return this.#device;
	}

	get entries(): ShelfEntry[] {
		return this.#entries;
	}

	get preference(): EnginePreference {
		return this.#preference;
	}

	/** Whether public copies of the model hub may be asked where it does not answer. */
	get mirrored(): boolean {
		return this.#mirrored;
	}

	get chosen(): ChosenModel | undefined {
		return this.#chosen;
	}

	/** The id of the model to propose on this device. */
	get recommended(): string | undefined {
		const wished = this.#config.defaultModel;
		if (this.#models.some(({ id }) => id === wished)) return wished;
		return this.#device && defaultModel(this.#device);
	}

	/** Why the host's configuration beside the app could not be read, if it could not. */
	get configError(): AppConfigError | undefined {
		return this.#configError;
	}

	/** Looks at the device, at the host's configuration and at what is stored. */
	async refresh(): Promise<void> {
		const { inspect, base } = this.#env;
		const [device, config, own] = await Promise.all([inspect(), this.#readConfig(), this.#ownModels()]);
		// the browser's own model is on offer wherever the browser knows of such a thing
		const browsers = device.browserModel ? [BROWSER_MODEL] : [];
		const models = [...catalogue(base, [...config.models, ...own], config.pins), ...browsers];
		const builds = models.flatMap((model) => model.builds);
		const here = await Promise.all(builds.map(async (build) => [build.id, await this.#look(build)] as const));
		this.#stock = new Map(here);
		this.#held = new Set(here.flatMap(([id, { kind }]) => (kind === 'absent' ? [] : [id])));
		this.#config = config;
		this.#models = models;
		this.#device = device;
	}

	/** Fetches a model's chosen build. Its progress and its end show in `entries`. */
	async download(build: Build): Promise<void> {
		if (this.#isBusy(build)) return;
		const { delivery, now, every } = this.#env;
		const abort = new AbortController();
		const pace = new Pace();
		const before = this.#stock.get(build.id);
		const { done, total } = before?.kind === 'paused' ? before : { done: 0, total: build.bytes };
		let at = { done, total };
		const show = () => this.#setStock(build, { kind: 'arriving', ...at, speed: pace.speed(now()), abort });
		const onProgress = (done: number, total: number) => {
			// what was here before has not just arrived
			pace.note(done, now());
			at = { done, total };
			show();
		};
		show();
		// where nothing comes any more, the speed falls all the same
		const end = every(1_000, show);
		try {
			await delivery.download(build, { onProgress, signal: abort.signal });
			this.#setStock(build, { kind: 'here' });
		} catch (error) {
			if (abort.signal.reason === CANCELLED) await this.remove(build);
			else
				this.#setStock(build, abort.signal.aborted ? await this.#partOf(build) : { kind: 'failed', error });
		} finally {
			end();
		}
	}

	/** Ends a download or a look that is under way; what has arrived stays, and the next download goes on from there. */
	pause(build: Build): void {
		const stock = this.#stock.get(build.id);
		if (stock?.kind === 'arriving' || stock?.kind === 'verifying') stock.abort.abort();
	}

	/** Ends a download that is under way, and takes what has arrived off the device. */
	cancel(build: Build): void {
		const stock = this.#stock.get(build.id);
		if (stock?.kind === 'arriving') stock.abort.abort(CANCELLED);
	}

	/** Reads every byte of a model again. What is damaged is removed, and a download fetches that alone. */
	async verify(build: Build): Promise<void> {
		if (this.#isBusy(build)) return;
		const abort = new AbortController();
		const onProgress = (done: number, total: number) =>
			this.#setStock(build, { kind: 'verifying', done, total, abort });
		onProgress(0, build.bytes);
		try {
			const { missing, corrupt } = await this.#env.delivery.verify(build, {
				onProgress,
				signal: abort.signal
			});
			const right = missing.length + corrupt.length === 0;
			this.#setStock(build, right ? { kind: 'here', verified: true } : await this.#partOf(build, true));
		} catch (error) {
			this.#setStock(build, abort.signal.aborted ? { kind: 'here' } : { kind: 'failed', error });
		}
	}

	#isBusy(build: Build): boolean {
		const kind = this.#stock.get(build.id)?.kind;
		return kind === 'arriving' || kind === 'verifying';
	}

	/** What is here of a build that is not whole. */
	async #partOf(build: Build, damaged?: true): Promise<Stock> {
		const done = await this.#env.delivery.have(build);
		const part = { done, total: Math.max(build.bytes, done) };
		if (damaged) return { kind: 'paused', ...part, damaged };
		return done > 0 ? { kind: 'paused', ...part } : { kind: 'absent' };
	}

	/** Makes a build the one that answers. */
	async use(model: Model, build: Build): Promise<void> {
		const chosen: ChosenModel = { model: model.id, build: build.id, name: model.name };
		await this.#env.history.settings.set('model', chosen);
	}

	/** Takes a build off the device; if it was the one that answers, none is chosen any more. */
	async remove(build: Build): Promise<void> {
		const { delivery, history } = this.#env;
		await delivery.remove(build);
		this.#setStock(build, { kind: 'absent' });
		if (this.#chosen?.build === build.id) await history.settings.set('model', undefined);
	}

	/** The models on offer. */
	get models(): Model[] {
		return this.#models;
	}

	/** Lists a model of the person's own on this device; one of the same id gives way to it. */
	async keepOwn(model: Model): Promise<void> {
		const others = (await this.#ownModels()).filter(({ id }) => id !== model.id);
		await this.#env.history.settings.set('ownModels', [...others, model]);
		await this.refresh();
	}

	/** Takes an own model off the list, and off the device. */
	async forgetOwn(model: Model): Promise<void> {
		for (const build of model.builds) await this.remove(build);
		const others = (await this.#ownModels()).filter(({ id }) => id !== model.id);
		await this.#env.history.settings.set('ownModels', others.length > 0 ? others : undefined);
		await this.refresh();
	}

	async allowMirrors(allowed: boolean): Promise<void> {
		await this.#env.history.settings.set('publicMirrors', allowed);
	}

	async prefer(preference: EnginePreference): Promise<void> {
		await this.#env.history.settings.set('engine', preference);
	}

	async #ownModels(): Promise<Model[]> {
		const { history, base } = this.#env;
		try {
			return parseOwnModels(await history.settings.get('ownModels'), base);
		} catch (error) {
			console.error('The own models cannot be read:', error);
			return [];
		}
	}

	async #readConfig(): Promise<AppConfig> {
		try {
			this.#configError = undefined;
			return await this.#env.readConfig();
		} catch (error) {
			this.#configError = error as AppConfigError;
			return NO_CONFIG;
		}
	}

	async #look(build: Build): Promise<Stock> {
		const before = this.#stock.get(build.id);
		if (before && this.#isBusy(build)) return before;
		try {
			return (await this.#env.delivery.stored(build)) ? { kind: 'here' } : await this.#partOf(build);
		} catch (error) {
			return { kind: 'failed', error };
		}
	}

	#list(): ShelfEntry[] {
		const device = this.#device;
		if (!device) return [];
		const have = (build: Build) => (this.#stock.get(build.id)?.kind === 'here' ? build.bytes : 0);
		return this.#models.map((model) => {
			const choice = chooseBuild(model, device, this.#preference, have);
			const build = choice.kind === 'build' ? choice.build : undefined;
			const stock = (build && this.#stock.get(build.id)) ?? { kind: 'absent' };
			const held = model.builds.some(({ id }) => this.#held.has(id));
			return { model, choice, build, stock, held };
		});
	}

	#setStock(build: Build, stock: Stock): void {
		this.#stock = new Map(this.#stock).set(build.id, stock);
	}
}

export type { DeliveryError };
