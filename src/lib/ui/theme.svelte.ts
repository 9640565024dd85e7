export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Where a choice is remembered; it must be readable before the first paint. */
interface Memory {
	get(key: string): string | null;
	set(key: string, value: string): void;
}

const KEY = 'alcove:theme';

/** Light, dark, or as the device has it. The style sheet reads it from the root element. */
export class ThemeChoice {
	#current = $state<Theme>('auto');
	readonly #memory: Memory;
	readonly #root: HTMLElement;

	constructor(memory: Memory, root: HTMLElement) {
		this.#memory = memory;
		this.#root = root;
		this.choose(THEMES.find((theme) => theme === memory.get(KEY)) ?? 'auto');
	}

	get current(): Theme {
		return this.#current;
	}

	choose(theme: Theme): void {
		this.#current = theme;
		this.#root.dataset['theme'] = theme;
		this.#memory.set(KEY, theme);
	}
}
