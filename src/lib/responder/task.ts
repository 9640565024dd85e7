import type { Engine } from '#lib/engine/engine.ts';
import type { Claim } from '#lib/history/claim.ts';
import type { AnswerState, Footing, Id } from '#lib/message/message.ts';
import type { Effort, Making, Speaker } from './making.ts';

/** One answer that waits to be written, of a private conversation or of a room. */
export interface Task {
	/** Names the answer; what is written of it is told under this name. */
	readonly id: Id;
	/** Whether its end was asked for. */
	readonly stopping: boolean;
	/** Takes it. @returns undefined when there is nothing to do any more */
	claim(by: Id): Promise<Claim | undefined>;
	/** Gathers what it is made from. @throws EngineError */
	prepare(speaker: Speaker, effort: Effort): Promise<Making>;
	/** Saves the text so far. */
	checkpoint(text: string): Promise<void>;
	/** Saves what there is of it after something befell it, and notes what it goes on with. */
	goOn(text: string, cause: string, then: Footing): Promise<void>;
	end(state: AnswerState, text: string): Promise<void>;
	/** Notes with a finished answer what only takes time. @throws EngineError */
	account(engine: Engine, making: Making, state: AnswerState): Promise<void>;
}
