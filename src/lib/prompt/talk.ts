import type { PromptTurn } from './turns.ts';

/** What the model is told of a conversation of several people. */
export const TALK_PROMPT =
	'You are a helpful assistant in a conversation of several people. Each message begins with the name of who ' +
	'wrote it. Answer the last message. Do not begin with a name.';

/** A line of a talk as the model is given it; the model's own bear no name. */
export function named(name: string | null, text: string): string {
	return name === null ? text : `${name}: ${text}`;
}

/** People's messages that follow each other as one turn: many models take only turns that alternate. */
export function alternating(turns: readonly PromptTurn[]): PromptTurn[] {
	const all: PromptTurn[] = [];
	for (const turn of turns) {
		const last = all.at(-1);
		if (last?.role === turn.role)
			all[all.length - 1] = { role: turn.role, text: `${last.text}\n\n${turn.text}` };
		else all.push({ ...turn });
	}
	return all;
}
