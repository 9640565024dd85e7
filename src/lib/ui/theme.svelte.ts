import type { Memory } from '#lib/i18n/locale.svelte.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
/** Whether shortcuts of a single key are heard. */
export const SHORTCUT_CHOICES = ['on', 'off'] as const;
export const TEXT_SIZES = ['normal', 'large', 'larger'] as const;

/** A choice of how the page looks, the first value unless another is chosen. The style sheet reads it from the root. */
export class LookChoice<Value extends string> {
	#current = $state() as Value;
	readonly #memory: Memory;
	readonly #root: HTMLElement;
	readonly #name: string;

	/** @param name of the choice, as the root element's data attribute has it */
	constructor(memory: Memory, root: HTMLElement, name: string, values: readonly [Value, ...Value[]]) {
		this.#memory = memory;
		this.#root = root;
		this.#name = name;
		this.choose(values.find((value) => value === memory.get(`alcove:${name}`)) ?? values[0]);
	}

	get current(): Value {
		return this.#current;
	}

	choose(value: Value): void {
		this.#current = value;
		this.#root.dataset[this.#name] = value;
		this.#memory.set(`alcove:${this.#name}`, value);
	}
}
