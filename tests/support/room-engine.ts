import type { History } from '#lib/history/history.ts';
import type { RoomJobRow } from '#lib/history/rooms/rows.ts';
import type { RoomEngine } from '#lib/room/assist.ts';

/** What a device's engine is for its rooms, with a test in the place of the model. */
export class ScriptedEngine implements RoomEngine {
	/** The model that is in use. */
	name: string | undefined;
	/** Jobs that it was given, the oldest first. */
	jobs: RoomJobRow[] = [];
	readonly #history: History;
	readonly #watchers = new Map<string, (text: string) => void>();
	#woken = false;

	constructor(history: History) {
		this.#history = history;
	}

	model(): Promise<string | undefined> {
		return Promise.resolve(this.name);
	}

	wake(): void {
		if (this.#woken) return;
		this.#woken = true;
		void this.#history.roomJobs().then((jobs) =>
			jobs.open().subscribe(
				(rows) => (this.jobs = rows),
				() => undefined
			)
		);
	}

	watch(job: string, onText: (text: string) => void): () => void {
		this.#watchers.set(job, onText);
		return () => this.#watchers.delete(job);
	}

	/** The text of the answer so far. */
	write(text: string): void {
		for (const job of this.jobs) this.#watchers.get(job.id)?.(text);
	}

	/** Ends the answer. */
	async end(text: string, ending: 'end' | 'stopped' = 'end'): Promise<void> {
		const jobs = await this.#history.roomJobs();
		const settings = {
			...{ temperature: 0, topP: 1, maxTokens: 100, presencePenalty: 0, frequencyPenalty: 0, seed: 1 }
		};
		const made = { model: this.name ?? '', engine: 'wllama', settings, ending, failure: null };
		for (const { id } of this.jobs) await jobs.end(id, made, text);
	}
}
