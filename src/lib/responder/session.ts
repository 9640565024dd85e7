import type { Engine, EngineKind, EngineModel, Loaded } from '#lib/engine/engine.ts';

/** Starts an engine's worker; the engine has no model yet. */
export type CreateEngine = (kind: EngineKind) => Promise<Engine>;

/** The one engine of the device and the model it holds. */
export class Session {
	readonly #create: CreateEngine;
	#now: { engine: Engine; model: string; id: string; loaded: Loaded } | undefined;
	#starting: Engine | undefined;

	constructor(create: CreateEngine) {
		this.#create = create;
	}

	/**
	 * The engine with this model loaded; what was loaded before is let go first.
	 * @throws EngineError as `Engine.load` does
	 */
	async with(
		model: EngineModel,
		onProgress: (share: number) => void,
		signal: AbortSignal
	): Promise<{ engine: Engine; loaded: Loaded }> {
		const key = `${model.engine} ${model.id} ${model.contextWindow}`;
		if (this.#now?.model === key) return this.#now;
		this.close();
		const engine = await this.#create(model.engine);
		this.#starting = engine;
		try {
			const loaded = await engine.load(model, onProgress, signal);
			this.#now = { engine, model: key, id: model.id, loaded };
			return this.#now;
		} catch (error) {
			engine.close();
			throw error;
		} finally {
			this.#starting = undefined;
		}
	}

	/** The engine, if it holds this model now. */
	holding(id: string): Engine | undefined {
		return this.#now?.id === id ? this.#now.engine : undefined;
	}

	/** Ends the worker and frees all its memory; the next use starts a new one. */
	close(): void {
		this.#starting?.close();
		this.#now?.engine.close();
		this.#now = undefined;
	}
}
