import type { RoomJobs } from '#lib/history/rooms/jobs.ts';
import type { Made, RoomJobRow } from '#lib/history/rooms/rows.ts';
import type { AnswerState, Footing, Id, Message, Writer } from '#lib/message/message.ts';
import { alternating, named, TALK_PROMPT } from '#lib/prompt/talk.ts';
import { compose } from './compose.ts';
import type { Effort, Making, Speaker } from './making.ts';
import type { MakingNeeds } from './private-task.ts';
import type { Task } from './task.ts';

/** An answer that this device has taken on for a room. */
export class RoomTask implements Task {
	readonly #env: MakingNeeds;
	readonly #jobs: RoomJobs;
	readonly #row: RoomJobRow;
	#writer: Writer | undefined;

	constructor(env: MakingNeeds, jobs: RoomJobs, row: RoomJobRow) {
		this.#env = env;
		this.#jobs = jobs;
		this.#row = row;
	}

	get id(): Id {
		return this.#row.id;
	}

	get stopping(): boolean {
		return this.#row.stop;
	}

	claim(by: Id) {
		return this.#jobs.claim(this.id, by);
	}

	/** The room's talk as far as it fits; what the device sets for its own answers draws the words. */
	async prepare({ name, engine, loaded }: Speaker, { start }: Effort): Promise<Making> {
		const sampling = await (await this.#env.history.setups()).sampling();
		const drawn = { ...sampling, seed: sampling.seed ?? this.#env.newSeed() };
		const window = loaded.contextWindow;
		const settings = { instructions: TALK_PROMPT, drawn, overflow: 'drop', before: undefined } as const;
		const nothing = () => Promise.reject(new Error('nothing of a room is summarised'));
		const prompt = await compose(engine, pathOf(this.#row), start, window, settings, nothing);
		// the browser's own model keeps its sampling to itself
		const told = engine.kind === 'builtin' ? {} : { sampling: drawn };
		const writer: Writer = { model: name, engine: engine.kind, device: loaded.device, ...told };
		this.#writer = writer;
		return { prompt: { ...prompt, turns: alternating(prompt.turns) }, writer, window };
	}

	checkpoint(text: string): Promise<void> {
		return this.#jobs.checkpoint(this.id, text);
	}

	/** A room is told how an answer ended, not what befell it on its way. */
	goOn(text: string, _cause: string, then: Footing): Promise<void> {
		return this.#jobs.goOn(this.id, text, then);
	}

	end(state: AnswerState, text: string): Promise<void> {
		const { model = this.#row.model, engine = 'none', sampling = null } = this.#writer ?? {};
		const failure = state.kind === 'failed' ? state.failure : null;
		return this.#jobs.end(
			this.id,
			{ model, engine, settings: sampling, ending: endingOf(state), failure },
			text
		);
	}

	/** Nobody in a room is told what filled the window. */
	account(): Promise<void> {
		return Promise.resolve();
	}
}

function endingOf(state: AnswerState): Made['ending'] {
	if (state.kind === 'done') return state.reason;
	return state.kind === 'failed' ? 'failed' : 'stopped';
}

/** The talk as a conversation; the message that asks is its question. */
function pathOf({ id, since, talk }: RoomJobRow): Message[] {
	return talk.map(({ name, text }, depth) => {
		const base = { id: `${depth}`, conversation: id, parent: null, depth, createdAt: since };
		if (name !== null) return { ...base, role: 'user', text: named(name, text) };
		return { ...base, role: 'assistant', text, state: { kind: 'stopped', at: since } };
	});
}
