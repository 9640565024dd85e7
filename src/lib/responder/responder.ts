import type { Engine, EngineModel } from '#lib/engine/engine.ts';
import { EngineError } from '#lib/engine/errors.ts';
import type { History } from '#lib/history/history.ts';
import type { Claim } from '#lib/history/claim.ts';
import type { AnswerState, Failure, Footing, Id, Time, Usage } from '#lib/message/message.ts';
import type { Bulletin } from './bulletin.ts';
import type { Prompt } from './compose.ts';
import { Ladder, type Standing } from './ladder.ts';
import type { Making, Speaker } from './making.ts';
import { PrivateTask } from './private-task.ts';
import { RoomTask } from './room-task.ts';
import { type CreateEngine, Session } from './session.ts';
import type { ResponderStatus } from './status.ts';
import type { Task } from './task.ts';

/** The model a person has chosen, ready to load, or why there is none. */
export type Choice = ({ kind: 'ready' } & Standing) | { kind: 'none' } | { kind: 'not-here'; name: string };

/** What the responder takes from outside. */
export interface ResponderEnvironment {
	/** Names this tab's responder in the history. */
	id: Id;
	history: History;
	bulletin: Bulletin;
	locks: Pick<LockManager, 'request'>;
	createEngine: CreateEngine;
	now(): Time;
	choice(): Promise<Choice>;
	/** A model that is here for another engine, where there is one: what is left when this one fails for good. */
	other(than: EngineModel): Promise<Standing | undefined>;
	/** Calls back when the choice may have changed. @returns the function that ends it */
	onChoice(changed: () => void): () => void;
	/** A random seed, for an answer whose maker named none. */
	newSeed(): number;
	/** Something failed that no answer can show. */
	report(error: unknown): void;
}

/** The lock that makes the responder one per device. */
const LOCK = 'alcove:responder';

/** Milliseconds between two checkpoints of an answer. */
const CHECKPOINT_EVERY = 1000;

/** After these only a fresh worker can succeed. */
const FATAL: readonly string[] = ['device-lost', 'worker-lost', 'out-of-memory'];

/** Of an answer that had its full length already when it was taken up. */
const NO_USAGE: Usage = { promptTokens: 0, completionTokens: 0, timeToFirstToken: 0, tokensPerSecond: 0 };

/** An answer that is being served, from its claim on. */
interface Service {
	task: Task;
	from: Queue;
	claimed: Claim;
	chosen: Standing;
	footing: Footing;
	signal: AbortSignal;
}

/** Whose answers wait. */
type Queue = 'own' | 'rooms';

/**
 * Takes open answers out of the history, one at a time, the person's own and those of rooms in turn, and has the
 * engine write them. Any tab may start one; the Web Lock lets one of them work, and when its tab goes the next takes
 * over, going on with what a dead one left.
 */
export class Responder {
	readonly #env: ResponderEnvironment;
	readonly #session: Session;
	readonly #ladder: Ladder;
	readonly #closed = new AbortController();
	readonly #waiting: Record<Queue, Task[]> = { own: [], rooms: [] };
	/** Which of them was served last: when both wait they take turns. */
	#last: Queue = 'rooms';
	#current: { id: Id; from: Queue; abort: AbortController } | undefined;
	#wake: () => void = () => undefined;
	/** Resolves when no answer is being served. */
	#rest: Promise<undefined> = Promise.resolve(undefined);

	constructor(env: ResponderEnvironment) {
		this.#env = env;
		this.#session = new Session(env.createEngine);
		this.#ladder = new Ladder((than) => env.other(than));
	}

	/** Waits for the lock and then works until `close`. Resolves when it has ended. */
	async run(): Promise<void> {
		try {
			await this.#env.locks.request(LOCK, { signal: this.#closed.signal }, () => this.#work());
		} catch (error) {
			if (!this.#closed.signal.aborted) this.#env.report(error);
		}
	}

	/**
	 * Counts a text's tokens between two answers, never during one.
	 * @param model the id of the model whose tokens are meant
	 * @returns undefined where that model is not in memory here, or cannot count
	 */
	async count(model: string, text: string, signal: AbortSignal): Promise<number | undefined> {
		for (let rest; rest !== this.#rest;) await (rest = this.#rest);
		const engine = this.#session.holding(model);
		if (!engine || signal.aborted) return undefined;
		try {
			return (await engine.countTokens([text]))[0];
		} catch (error) {
			// a lost engine is told of by the next answer
			if (!(error instanceof EngineError && error.kind === 'worker-lost')) this.#env.report(error);
			return undefined;
		}
	}

	/** Gives up the lock and the engine. What is being written stays open for the next responder. */
	close(): void {
		this.#closed.abort();
		this.#current?.abort.abort();
		this.#session.close();
		this.#wake();
	}

	async #work(): Promise<void> {
		const { history, onChoice, report } = this.#env;
		const [jobs, roomJobs] = [await history.jobs(), await history.roomJobs()];
		const endQuery = history.messages.openAnswers().subscribe(
			(rows) =>
				this.#take(
					'own',
					rows.map((answer) => new PrivateTask(this.#env, jobs, answer))
				),
			report
		);
		const endRooms = roomJobs.open().subscribe(
			(rows) =>
				this.#take(
					'rooms',
					rows.map((row) => new RoomTask(this.#env, roomJobs, row))
				),
			report
		);
		const endChoice = onChoice(() => this.#wake());
		this.#env.bulletin.announce({ kind: 'idle' });
		while (!this.#closed.signal.aborted) {
			const woken = new Promise<void>((resolve) => (this.#wake = resolve));
			if (!(await this.#next())) await woken;
		}
		endQuery();
		endRooms();
		endChoice();
	}

	/** What waits has changed. */
	#take(queue: Queue, tasks: Task[]): void {
		this.#waiting[queue] = tasks;
		const { id, from } = this.#current ?? {};
		const mine = tasks.find((task) => task.id === id);
		// a room may have given it to somebody else
		if (mine?.stopping || (from === queue && queue === 'rooms' && !mine)) this.#current?.abort.abort();
		this.#wake();
	}

	/** Serves the longest waiting answer of whose turn it is. @returns whether there was something to do */
	async #next(): Promise<boolean> {
		const turns: Queue[] = this.#last === 'own' ? ['rooms', 'own'] : ['own', 'rooms'];
		const queue = turns.find((one) => this.#waiting[one].length > 0);
		const task = queue && this.#waiting[queue][0];
		if (!task) return false;
		const choice = await this.#env.choice();
		if (choice.kind !== 'ready' && !task.stopping) {
			const { bulletin } = this.#env;
			if (choice.kind === 'none') bulletin.announce({ kind: 'no-model' });
			else bulletin.announce({ kind: 'not-here', model: choice.name });
			return false;
		}
		// the live query may still show it for a moment after it ended
		this.#waiting[queue] = this.#waiting[queue].filter(({ id }) => id !== task.id);
		this.#last = queue;
		try {
			await this.#serve(queue, task, choice);
		} catch (error) {
			this.#env.report(error);
		}
		return true;
	}

	async #serve(from: Queue, task: Task, choice: Choice): Promise<void> {
		const { bulletin, id } = this.#env;
		const claimed = await task.claim(id);
		if (!claimed || choice.kind !== 'ready') return;
		const abort = new AbortController();
		const ended = Promise.withResolvers<undefined>();
		this.#rest = ended.promise;
		this.#current = { id: task.id, from, abort };
		// this tab may have seen more of a dead writer's text than its last checkpoint holds
		const seen = bulletin.seen(task.id);
		const start = seen.startsWith(claimed.text) ? seen : claimed.text;
		bulletin.begin(task.id, start);
		const { footing } = claimed;
		const service: Service = { task, from, claimed, chosen: choice, footing, signal: abort.signal };
		try {
			const { name, model } = await this.#stand(service);
			const { engine, loaded } = await this.#session.with(
				model,
				(share) => bulletin.announce({ kind: 'loading', model: name, share }),
				abort.signal
			);
			const making = await this.#prepare(service, { name, engine, loaded }, start);
			const state = await this.#write(task, engine, making.prompt, abort.signal);
			if (this.#closed.signal.aborted) return;
			await task.end(state, bulletin.seen(task.id));
			// the answer is whole: whatever happens to its count, it stays so
			await task.account(engine, making, state).catch((error: unknown) => {
				if (!this.#closed.signal.aborted) this.#env.report(error);
			});
		} catch (error) {
			await this.#fail(service, error);
		} finally {
			this.#current = undefined;
			ended.resolve(undefined);
			if (!this.#closed.signal.aborted) bulletin.end(task.id);
		}
	}

	/** Finds what an answer is written with. @throws EngineError where it was tried too often in vain */
	async #stand(service: Service): Promise<Standing> {
		const { task, claimed, chosen } = service;
		const start = await this.#ladder.start(chosen, claimed);
		if (start.kind === 'give-up')
			throw new Interrupted(`taken up ${claimed.attempts + 1} times without a word`);
		const { footing, standing, cause } = start;
		service.footing = footing;
		if (cause !== undefined) await task.goOn(this.#env.bulletin.seen(task.id), cause, footing);
		return standing;
	}

	/** Gathers what the answer is made from; while older turns are summarised for it, every tab says so. */
	async #prepare(
		{ task, claimed, footing, signal }: Service,
		speaker: Speaker,
		start: string
	): Promise<Making> {
		const { name, loaded } = speaker;
		const ready = { kind: 'ready', model: name, device: loaded.device, detail: loaded.detail } as const;
		const tell = (status: ResponderStatus) => this.#env.bulletin.announce(status);
		tell(ready);
		try {
			return await task.prepare(speaker, {
				start,
				// after a failure the answer itself comes first
				mayRisk: footing === 'chosen' && claimed.attempts < (claimed.orphan ? 2 : 1),
				signal,
				onSummary: (share) => tell({ kind: 'summarising', model: name, share })
			});
		} finally {
			if (!this.#closed.signal.aborted) tell(ready);
		}
	}

	async #write(
		task: Task,
		engine: Engine,
		{ turns, params, prefix }: Prompt,
		signal: AbortSignal
	): Promise<AnswerState> {
		const { bulletin, now } = this.#env;
		if (params.maxTokens <= 0) return { kind: 'done', at: now(), usage: NO_USAGE, reason: 'length' };
		let saved = now();
		for await (const event of engine.reply(turns, { params, signal, ...(prefix ? { prefix } : {}) })) {
			if (event.kind === 'usage') {
				const { reason, ...usage } = event.usage;
				return reason === 'aborted'
					? { kind: 'stopped', at: now() }
					: { kind: 'done', at: now(), usage, reason };
			}
			bulletin.append(task.id, event.text);
			// a clock that was set back must not stop the checkpoints
			if (Math.abs(now() - saved) >= CHECKPOINT_EVERY) {
				saved = now();
				await task.checkpoint(bulletin.seen(task.id));
			}
		}
		throw new EngineError('unknown', 'the stream ended without its usage');
	}

	/** Ends an answer that failed, or leaves it open to be taken up again where that may help. */
	async #fail(service: Service, error: unknown): Promise<void> {
		const { task, from, claimed, chosen, footing, signal } = service;
		const { bulletin, now } = this.#env;
		if (this.#closed.signal.aborted) return;
		const text = bulletin.seen(task.id);
		const failure = failureOf(error);
		if (signal.aborted) return task.end({ kind: 'stopped', at: now() }, text);
		const wrote = text.length > claimed.text.length;
		const before = footing === claimed.footing ? claimed.attempts : 0;
		const tries = wrote ? 0 : before + 1;
		const then = await this.#ladder.next(chosen, failure.kind, { footing, tries });
		if (FATAL.includes(failure.kind)) this.#session.close();
		if (then !== undefined) {
			await task.goOn(text, failure.kind, then);
			this.#waiting[from] = [task, ...this.#waiting[from]];
			return;
		}
		await task.end({ kind: 'failed', at: now(), failure }, text);
	}
}

/** An answer whose writers were gone, each time, before a word came. */
class Interrupted extends Error {
	readonly kind = 'interrupted';
}

function failureOf(error: unknown): Failure {
	if (error instanceof EngineError || error instanceof Interrupted)
		return { kind: error.kind, detail: error.message };
	return {
		kind: 'unknown',
		detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error)
	};
}
