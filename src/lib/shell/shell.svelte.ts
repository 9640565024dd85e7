import { ask } from './ask.ts';

/** Whether the app opens without a network. */
export type Offline =
	/** This browser, or this window of it, has no service workers: the app needs the network to open. */
	| { kind: 'unsupported' }
	| { kind: 'installing' }
	| { kind: 'ready' }
	/** Some file could not be kept; the next start tries again. */
	| { kind: 'incomplete'; detail: string };

/** A newer version. It runs once `apply` is called, which loads the page anew, and never before. */
export type Update = { kind: 'none' } | { kind: 'ready'; apply(): void };

export interface ShellEnvironment {
	/** `navigator.serviceWorker`, or undefined where there is none or none is wanted (development). */
	container: ServiceWorkerContainer | undefined;
	/** The path the app is served under: "" at a root, else "/alcove". */
	base: string;
	/** Loads the page anew. */
	reload(): void;
}

/** Resolves with whether the worker came to run: true once active, false when its installation failed. */
function activation(worker: ServiceWorker): Promise<boolean> {
	return new Promise((resolve) => {
		const check = () => {
			if (worker.state === 'activated') resolve(true);
			if (worker.state === 'redundant') resolve(false);
		};
		worker.addEventListener('statechange', check);
		check();
	});
}

/** The window's side of the service worker: offline use and offered updates. One per page. */
export class Shell {
	#offline: Offline = $state({ kind: 'installing' });
	#update: Update = $state.raw({ kind: 'none' });
	readonly #environment: ShellEnvironment;
	readonly #settled = Promise.withResolvers<undefined>();
	#wasControlled = false;
	#accepted = false;

	constructor(environment: ShellEnvironment) {
		this.#environment = environment;
		if (!environment.container) this.#offline = { kind: 'unsupported' };
	}

	get offline(): Offline {
		return this.#offline;
	}

	/** Whether every file of the shell is kept on this device. */
	get offlineReady(): boolean {
		return this.#offline.kind === 'ready';
	}

	get update(): Update {
		return this.#update;
	}

	/**
	 * Resolves when the service worker controls the page, or when it is known that it cannot. Workers that
	 * are started later get their security policy from it, so engines start only then. Call `start` first.
	 */
	controlled(): Promise<void> {
		return this.#settled.promise;
	}

	/** Registers the service worker and watches for newer ones. Call it once, when the page is shown. */
	async start(): Promise<void> {
		const { container } = this.#environment;
		try {
			if (!container) return;
			this.#wasControlled = container.controller !== null;
			container.addEventListener('controllerchange', () => this.#controllerChanged());
			const worker = container.controller
				? await this.#watch(container.controller)
				: await this.#install(container);
			this.#settled.resolve(undefined);
			const complete = await ask(worker, { type: 'OFFLINE_READY' });
			this.#offline =
				complete === true ? { kind: 'ready' } : { kind: 'incomplete', detail: 'A file is missing' };
		} catch (error) {
			this.#offline = { kind: 'incomplete', detail: String(error) };
		} finally {
			this.#settled.resolve(undefined);
		}
	}

	/** The first visit: nothing but the registration, so that it costs no library. */
	async #install(container: ServiceWorkerContainer): Promise<ServiceWorker> {
		const { base } = this.#environment;
		const registration = await container.register(`${base}/service-worker.js`, {
			scope: `${base}/`,
			updateViaCache: 'none'
		});
		const worker = registration.active ?? registration.waiting ?? registration.installing;
		if (!worker || !(await activation(worker))) throw new Error('The service worker could not be installed');
		const changed = new Promise((resolve) => {
			container.addEventListener('controllerchange', resolve, { once: true });
		});
		// a page that was reloaded past the cache starts without the service worker that is there
		const claimed = container.controller !== null || (await ask(worker, { type: 'CLAIM' }));
		if (claimed === true && !container.controller) await changed;
		return worker;
	}

	/** Later visits: the running worker, while a newer one is looked for and offered. */
	async #watch(controller: ServiceWorker): Promise<ServiceWorker> {
		this.#settled.resolve(undefined);
		const { base } = this.#environment;
		const { Workbox } = await import('workbox-window');
		const workbox = new Workbox(`${base}/service-worker.js`, { scope: `${base}/`, updateViaCache: 'none' });
		workbox.addEventListener('waiting', () => {
			this.#update = {
				kind: 'ready',
				apply: () => {
					this.#accepted = true;
					workbox.messageSkipWaiting();
				}
			};
		});
		// without a network the registration stays as it is, and so does the app
		workbox
			.register({ immediate: true })
			.catch((error: unknown) => console.info('No look for an update', error));
		return controller;
	}

	/** Another version took over: by this page's word it reloads; by another tab's it offers to. */
	#controllerChanged(): void {
		if (this.#accepted) {
			this.#accepted = false;
			this.#environment.reload();
		} else if (this.#wasControlled) {
			this.#update = { kind: 'ready', apply: () => this.#environment.reload() };
		}
		this.#wasControlled = true;
	}
}
