import type { Engine } from '#lib/engine/engine.ts';
import type { History } from '#lib/history/history.ts';
import type { AnswerJobs } from '#lib/history/jobs.ts';
import type { Answer, AnswerState, Footing, Id } from '#lib/message/message.ts';
import { account, type Effort, type Making, prepare, type Speaker } from './making.ts';
import type { Task } from './task.ts';

/** What making an answer takes from outside. */
export interface MakingNeeds {
	history: History;
	newSeed(): number;
}

/** An answer of a private conversation. */
export class PrivateTask implements Task {
	readonly #env: MakingNeeds;
	readonly #jobs: AnswerJobs;
	readonly #answer: Answer;

	constructor(env: MakingNeeds, jobs: AnswerJobs, answer: Answer) {
		this.#env = env;
		this.#jobs = jobs;
		this.#answer = answer;
	}

	get id(): Id {
		return this.#answer.id;
	}

	get stopping(): boolean {
		return this.#answer.state.kind === 'stopping';
	}

	claim(by: Id) {
		return this.#jobs.claim(this.id, by);
	}

	prepare(speaker: Speaker, effort: Effort): Promise<Making> {
		return prepare(this.#env, this.#jobs, this.#answer, speaker, effort);
	}

	checkpoint(text: string): Promise<void> {
		return this.#jobs.checkpoint(this.id, text);
	}

	goOn(text: string, cause: string, then: Footing): Promise<void> {
		return this.#jobs.goOn(this.id, text, cause, then);
	}

	end(state: AnswerState, text: string): Promise<void> {
		return this.#jobs.end(this.id, state, text);
	}

	account(engine: Engine, making: Making, state: AnswerState): Promise<void> {
		return account(this.#jobs, this.#answer, engine, making, state);
	}
}
