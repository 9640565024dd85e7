import { type Address, findModel } from '#lib/models/address.ts';
import type { Origins } from '#lib/models/app-config.ts';
import { readGgufFile } from '#lib/models/carry/gguf-file.ts';
import { type Carried, readCarried } from '#lib/models/carry/format.ts';
import { type Build, findBuild, type Model } from '#lib/models/catalogue.ts';
import type { Delivery } from '#lib/models/delivery.ts';
import { DeliveryError } from '#lib/models/errors.ts';

/** What is being done with a model's file, or was done last. Shares are from 0 to 1. */
export type CarryTask =
	| { kind: 'none' }
	| { kind: 'busy'; with: CarryWork; name: string; share: number }
	| { kind: 'packed'; name: string; bytes: number }
	| { kind: 'taken-in'; name: string }
	/** A model by its address is on the list, and can be downloaded. */
	| { kind: 'listed'; name: string }
	| { kind: 'failed'; with: CarryWork; name: string; error: unknown };

/** Making a file, taking one in, looking at an address. */
export type CarryWork = 'pack' | 'unpack' | 'find';

export interface CarryingEnvironment {
	delivery: Pick<Delivery, 'pack' | 'unpack'>;
	/** The app's base URL, and what the page may reach. */
	origins: Origins;
	fetch: typeof globalThis.fetch;
	/** Hands a file to the person. */
	save(name: string, file: Blob): void;
	/** The models on offer. */
	models(): Model[];
	/** Lists a model that came in, and looks at what is stored anew. */
	keep(model: Model | undefined): Promise<void>;
}

/** Models that leave this device and come to it as files. One at a time. */
export class Carrying {
	#task = $state.raw<CarryTask>({ kind: 'none' });
	#abort = new AbortController();
	readonly #env: CarryingEnvironment;

	constructor(env: CarryingEnvironment) {
		this.#env = env;
	}

	get task(): CarryTask {
		return this.#task;
	}

	/** Packs a model that is here, and hands it over as one file. */
	async pack(model: Model, build: Build): Promise<void> {
		await this.#run('pack', model.name, async (options) => {
			const { name, file } = await this.#env.delivery.pack(model, build, options);
			this.#env.save(name, file);
			return { kind: 'packed', name, bytes: file.size };
		});
	}

	/** Takes in a file that another device has packed, or a GGUF. */
	async takeIn(file: File): Promise<void> {
		await this.#run('unpack', file.name, async (options) => {
			const carried = await this.#read(file, options.signal);
			const known = findBuild(this.#env.models(), carried.build.id);
			const same = known && urlOf(known.build) === urlOf(carried.build) ? known : undefined;
			await this.#env.delivery.unpack(carried, same?.build ?? carried.build, options);
			await this.#env.keep(same ? undefined : { ...carried.model, own: true });
			return { kind: 'taken-in', name: carried.model.name };
		});
	}

	/** Lists a model of the person's own that lies at an address. */
	async add(address: Address): Promise<void> {
		await this.#run('find', address.url, async ({ signal }) => {
			const { fetch, origins, keep } = this.#env;
			const model = await findModel(address, { fetch, origins, signal });
			await keep(model);
			return { kind: 'listed', name: model.name };
		});
	}

	/** Ends what is being done; nothing half-done stays. */
	cancel(): void {
		this.#abort.abort();
	}

	async #read(file: File, signal: AbortSignal): Promise<Carried> {
		const mark = await file.slice(0, 4).text();
		const { base } = this.#env.origins;
		const isGguf = mark === 'GGUF' || file.name.toLowerCase().endsWith('.gguf');
		return isGguf ? readGgufFile(file, file.name, base, signal) : readCarried(file, base);
	}

	async #run(
		kind: CarryWork,
		name: string,
		work: (options: {
			onProgress: (done: number, total: number) => void;
			signal: AbortSignal;
		}) => Promise<CarryTask>
	): Promise<void> {
		if (this.#task.kind === 'busy') return;
		this.#abort = new AbortController();
		const { signal } = this.#abort;
		const onProgress = (done: number, total: number) =>
			(this.#task = { kind: 'busy', with: kind, name, share: total > 0 ? done / total : 0 });
		onProgress(0, 1);
		try {
			this.#task = await work({ onProgress, signal });
		} catch (error) {
			const ended = error instanceof DeliveryError && error.kind === 'aborted';
			this.#task = ended ? { kind: 'none' } : { kind: 'failed', with: kind, name, error };
		}
	}
}

/** Where its files come from. */
function urlOf(build: Build): string | undefined {
	return build.engine === 'builtin' ? undefined : build.url;
}
