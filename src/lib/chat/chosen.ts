/** The choices that the settings keep about models, read back as what they are. */

/** The model that answers. */
export interface ChosenModel {
	model: string;
	build: string;
	/** For people, so that the chat page needs no catalogue. */
	name: string;
}

/** Reads the setting "model"; anything that is not one counts as none chosen. */
export function parseChosenModel(value: unknown): ChosenModel | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	if (!('model' in value && 'build' in value && 'name' in value)) return undefined;
	const { model, build, name } = value;
	if (typeof model !== 'string' || typeof build !== 'string' || typeof name !== 'string') return undefined;
	return { model, build, name };
}

/** Reads the setting "engine"; anything else counts as automatic. */
export function parsePreference(value: unknown): 'auto' | 'webllm' | 'wllama' {
	return value === 'webllm' || value === 'wllama' ? value : 'auto';
}
