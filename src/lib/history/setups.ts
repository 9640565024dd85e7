import { HistoryError } from '#lib/message/errors.ts';
import type { Id } from '#lib/message/message.ts';
import {
	DEFAULT_SAMPLING,
	type Overflow,
	type OwnPrompt,
	keptOverflow,
	parseOverflow,
	parsePrompts,
	parseSampling,
	parseSetup,
	type Sampling,
	type Setup
} from '#lib/message/setup.ts';
import type { Store } from './history.ts';

/** Names in the table of settings. */
const SAMPLING = 'sampling';
const PROMPTS = 'prompts';
const OVERFLOW = 'overflow';

/** What a person chose in one go; what is left out stays as it is. */
export interface Choices {
	/** What a conversation sets for itself. */
	own?: { conversation: Id; setup: Setup } | undefined;
	sampling?: Sampling;
	overflow?: Overflow;
}

/** What answers are made with: the choices of each conversation, and the device's own. */
export class Setups {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** What a conversation sets for itself. @throws HistoryError missing */
	async of(conversation: Id): Promise<Setup> {
		const found = await this.#store.database.conversations.get(conversation);
		if (!found) throw new HistoryError('missing', `conversation ${conversation}`);
		return parseSetup(found.setup);
	}

	/**
	 * Keeps choices, all or nothing; they hold from the next answer on. The writing begins at once, so that
	 * they are there even if the page is left the next moment. @throws HistoryError missing, full
	 */
	async keep({ own, sampling, overflow }: Choices): Promise<void> {
		const { conversations } = this.#store.database;
		const tables = ['settings', ...(own ? ['conversations'] : [])];
		await this.#store.change(async () => {
			const [found] = await Promise.all([
				own && conversations.update(own.conversation, { setup: own.setup }),
				sampling && this.#put(SAMPLING, isDefault(sampling) ? undefined : sampling),
				overflow && this.#put(OVERFLOW, keptOverflow(overflow))
			]);
			if (own && found === 0 && !(await conversations.get(own.conversation)))
				throw new HistoryError('missing', `conversation ${own.conversation}`);
		}, tables);
	}

	/** How words are drawn where a conversation says nothing. */
	async sampling(): Promise<Sampling> {
		return parseSampling(await this.#read(SAMPLING));
	}

	/** What becomes of the oldest turns where a conversation says nothing. */
	async overflow(): Promise<Overflow> {
		return parseOverflow(await this.#read(OVERFLOW));
	}

	/** The instructions that the person wrote and kept, oldest first. */
	async prompts(): Promise<OwnPrompt[]> {
		return parsePrompts(await this.#read(PROMPTS));
	}

	/** Keeps instructions for other conversations. @returns them with their new id */
	async addPrompt(title: string, text: string): Promise<OwnPrompt> {
		const prompt = { id: this.#store.newId(), title, text };
		await this.#store.change(async () => this.#put(PROMPTS, [...(await this.prompts()), prompt]));
		return prompt;
	}

	/** Forgets own instructions; conversations that use them keep their text. */
	async removePrompt(id: Id): Promise<void> {
		await this.#store.change(async () => {
			await this.#put(
				PROMPTS,
				(await this.prompts()).filter((prompt) => prompt.id !== id)
			);
		});
	}

	async #read(key: string): Promise<unknown> {
		return (await this.#store.database.settings.get(key))?.value;
	}

	/** To be called within a change. */
	async #put(key: string, value: unknown): Promise<void> {
		const { settings } = this.#store.database;
		if (value === undefined) await settings.delete(key);
		else await settings.put({ key, value });
	}
}

function isDefault(sampling: Sampling): boolean {
	return Object.entries(DEFAULT_SAMPLING).every(([key, value]) => Reflect.get(sampling, key) === value);
}
