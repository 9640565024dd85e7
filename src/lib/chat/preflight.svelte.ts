import type { BenchmarkResult } from '#lib/models/benchmark/benchmark.ts';
import type { Details } from '#lib/models/preflight.ts';

/** The measurement, before, while and after it runs. */
export type Measurement = { kind: 'none' } | { kind: 'busy' } | ({ kind: 'done' } & BenchmarkResult);

export interface PreflightEnvironment {
	inspect(): Promise<Details>;
	measure(signal: AbortSignal): Promise<BenchmarkResult>;
}

/** What the device page knows beyond what the shelf does. */
export class Preflight {
	#details = $state.raw<Details | undefined>();
	#measurement = $state.raw<Measurement>({ kind: 'none' });
	readonly #env: PreflightEnvironment;

	constructor(env: PreflightEnvironment) {
		this.#env = env;
	}

	/** Undefined until `look` has come to its end. */
	get details(): Details | undefined {
		return this.#details;
	}

	get measurement(): Measurement {
		return this.#measurement;
	}

	async look(): Promise<void> {
		this.#details = await this.#env.inspect();
	}

	/** Measures for a second or two; a second call meanwhile changes nothing. */
	async measure(signal: AbortSignal): Promise<void> {
		if (this.#measurement.kind === 'busy') return;
		this.#measurement = { kind: 'busy' };
		const result = await this.#env.measure(signal);
		this.#measurement = { kind: 'done', ...result };
	}
}
