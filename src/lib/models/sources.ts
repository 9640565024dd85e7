/** Where a file may be fetched from, in the order in which to ask. */
import type { ModelFile } from './files.ts';
import type { ModelStore } from './store.ts';

export interface SourcesOptions {
	base: string;
	modelHost?: string | undefined;
	mirrors?: (() => Promise<readonly string[]>) | undefined;
	publicMirrors?: (() => Promise<Readonly<Record<string, string>>>) | undefined;
}

/** A host that has models: the files' own one, or a mirror by its base URL. */
export type Host = 'canonical' | (string & {});

/** Model hosts in order; the one that served last is asked first, also after a reload. */
export class Sources {
	readonly #hub: Host;
	readonly #mirrors: () => Promise<readonly string[]>;
	readonly #copies: () => Promise<Readonly<Record<string, string>>>;
	readonly #home: string;
	readonly #noteKey: string;
	readonly #store: ModelStore;
	#preferred: Host | undefined;

	constructor(store: ModelStore, { base, modelHost, mirrors, publicMirrors }: SourcesOptions) {
		this.#store = store;
		this.#home = new URL(base).origin;
		this.#noteKey = new URL('alcove-model-host', base).href;
		this.#hub = modelHost ?? 'canonical';
		this.#mirrors = mirrors ?? (() => Promise.resolve([]));
		this.#copies = publicMirrors ?? (() => Promise.resolve({}));
	}

	/** Hosts and URLs to try for the file, the best first. The app's own files have one source alone. */
	async of(file: ModelFile): Promise<{ host: Host; url: string }[]> {
		const names = file.alias === undefined ? [file.key] : [file.key, file.alias];
		const hosts: Host[] = this.#isOwn(file) ? ['canonical'] : await this.#ordered(file);
		return hosts.flatMap((host) => names.map((name) => ({ host, url: at(host, name) })));
	}

	/** Notes which host served the file. */
	async worked(host: Host, file: ModelFile): Promise<void> {
		if (this.#isOwn(file) || host === this.#preferred || (await this.#hosts(file)).length < 2) return;
		this.#preferred = host;
		await this.#store.setNote(this.#noteKey, host);
	}

	async #ordered(file: ModelFile): Promise<Host[]> {
		this.#preferred ??= await this.#store.note(this.#noteKey);
		const preferred = this.#preferred;
		const hosts = await this.#hosts(file);
		if (preferred === undefined || !hosts.includes(preferred)) return hosts;
		return [preferred, ...hosts.filter((host) => host !== preferred)];
	}

	async #hosts(file: ModelFile): Promise<Host[]> {
		const copy = (await this.#copies())[new URL(file.key).origin];
		return [...new Set([...(await this.#mirrors()), this.#hub, ...(copy === undefined ? [] : [copy])])];
	}

	#isOwn(file: ModelFile): boolean {
		return new URL(file.key).origin === this.#home;
	}
}

function at(host: Host, canonical: string): string {
	if (host === 'canonical') return canonical;
	const { pathname, search } = new URL(canonical);
	return new URL(`.${pathname}${search}`, host.endsWith('/') ? host : `${host}/`).href;
}
