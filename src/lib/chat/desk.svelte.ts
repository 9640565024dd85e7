import type { History } from '#lib/history/history.ts';
import { historyError } from '#lib/history/open.ts';
import type { Setups } from '#lib/history/setups.ts';
import type { HistoryError } from '#lib/message/errors.ts';
import type { Id } from '#lib/message/message.ts';
import type { Instructions, Overflow, OwnPrompt, Sampling, Setup } from '#lib/message/setup.ts';
import type { Chat } from './chat.svelte.ts';
import { readPrepared } from './prepared.ts';

/** What the panel of instructions and settings starts with. */
export type DeskView =
	| { kind: 'reading' }
	| { kind: 'open'; setup: Setup; device: { sampling: Sampling; overflow: Overflow } }
	| { kind: 'failed'; error: HistoryError };

/** What a person set in the panel. */
export interface DeskWish {
	/** Undefined for the default ones. */
	instructions: Instructions | undefined;
	sampling: Sampling;
	overflow: Overflow;
	/** Whether `sampling` and `overflow` are for this conversation alone, and not for the device. */
	here: boolean;
}

/** The instructions of one conversation, or of one that is yet to begin, and the settings of the device. */
export class Desk {
	#view = $state.raw<DeskView>({ kind: 'reading' });
	#prompts = $state.raw<OwnPrompt[]>([]);
	#error = $state.raw<HistoryError | undefined>();
	readonly #chat: Chat;
	readonly #conversation: Id | undefined;
	/** There before anything is chosen, so that a choice is written at once. */
	readonly #setups: Promise<Setups>;

	constructor(history: History, chat: Chat) {
		this.#chat = chat;
		this.#conversation = chat.conversation;
		this.#setups = history.setups();
		void this.#read();
	}

	get view(): DeskView {
		return this.#view;
	}

	/** The person's own instructions. */
	get prompts(): OwnPrompt[] {
		return this.#prompts;
	}

	/** Why the last change could not be kept, if it could not. */
	get error(): HistoryError | undefined {
		return this.#error;
	}

	/** @returns whether it was kept; otherwise `error` says why */
	async save({ instructions, sampling, overflow, here }: DeskWish): Promise<boolean> {
		const conversation = this.#conversation;
		const setup: Setup = {
			...(instructions ? { instructions } : {}),
			...(here ? { sampling, overflow } : {})
		};
		return this.#try(async (setups) => {
			const own = conversation === undefined ? undefined : { conversation, setup };
			await setups.keep({ own, ...(here ? {} : { sampling, overflow }) });
			if (!own) this.#chat.prepare(setup);
		});
	}

	/** Keeps instructions for other conversations. @returns them, or undefined: then `error` says why */
	async keep(title: string, text: string): Promise<OwnPrompt | undefined> {
		let kept: OwnPrompt | undefined;
		await this.#try(async (setups) => {
			kept = await setups.addPrompt(title, text);
			this.#prompts = await setups.prompts();
		});
		return kept;
	}

	async forget(id: Id): Promise<void> {
		await this.#try(async (setups) => {
			await setups.removePrompt(id);
			this.#prompts = await setups.prompts();
		});
	}

	async #read(): Promise<void> {
		try {
			const setups = await this.#setups;
			this.#prompts = await setups.prompts();
			const setup =
				this.#conversation === undefined
					? (readPrepared(this.#chat.prepared) ?? {})
					: await setups.of(this.#conversation);
			const device = { sampling: await setups.sampling(), overflow: await setups.overflow() };
			this.#view = { kind: 'open', setup, device };
		} catch (error) {
			this.#view = { kind: 'failed', error: historyError(error) };
		}
	}

	async #try(work: (setups: Setups) => Promise<void>): Promise<boolean> {
		try {
			await work(await this.#setups);
			this.#error = undefined;
			return true;
		} catch (error) {
			this.#error = historyError(error);
			return false;
		}
	}
}
