import type { Turn } from './engine.ts';

/**
 * ChatML, the chat format of the Qwen models. The engines format whole turns themselves; to go on with
 * a half-written answer they need a prompt that ends in the middle of it.
 */

/** What a model of this format was told at its training when nobody told it anything. */
export const DEFAULT_SYSTEM = 'You are a helpful assistant.';

/** Whether a model's own template (Jinja) writes ChatML. */
export function isChatml(template: string): boolean {
	return template.includes('<|im_start|>') && template.includes('<|im_end|>');
}

/**
 * The turns as one prompt that ends where the answer goes on: after `prefix`, or before the answer's
 * first word when it is empty. Without a system turn `system` is put first.
 */
export function formatChatml(turns: readonly Turn[], prefix: string, system = DEFAULT_SYSTEM): string {
	const told: readonly Turn[] =
		turns[0]?.role === 'system' ? turns : [{ role: 'system', text: system }, ...turns];
	const said = told.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`);
	return `${said.join('')}<|im_start|>assistant\n${prefix}`;
}
