import type { Turn } from '../engine.ts';

/** How a model wants its turns written, from the `conv_template` of its config, as far as it is needed here. */
export interface ChatTemplate {
	/** With the placeholder {system_message}. */
	system: string;
	/** What is said for a system turn where there is none. */
	systemMessage: string;
	user: string;
	assistant: string;
	/** Between a role and its text, and after a role that has yet to speak. */
	afterRole: string;
	beforeAnswer: string;
	/** After each turn, by turns. */
	separators: string[];
	/** Whether texts stand between role and separator as they are. */
	isPlain: boolean;
}

/** The model's config is not one that can be used; the message says which field. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
}

type Fields = Record<string, unknown>;

/** @throws ConfigError */
export function fieldsOf(value: unknown, where: string): Fields {
	if (typeof value !== 'object' || value === null) throw new ConfigError(`${where} is missing`);
	return value as Fields;
}

/** @throws ConfigError */
export function textOf(fields: Fields, key: string, fallback?: string): string {
	const value = fields[key] ?? fallback;
	if (typeof value !== 'string') throw new ConfigError(`${key} is not a text`);
	return value;
}

/** @throws ConfigError */
export function parseTemplate(value: unknown): ChatTemplate {
	const fields = fieldsOf(value, 'conv_template');
	const roles = fieldsOf(fields['roles'], 'conv_template.roles');
	const separators: unknown = fields['seps'];
	if (
		!Array.isArray(separators) ||
		separators.length === 0 ||
		!separators.every((sep) => typeof sep === 'string')
	)
		throw new ConfigError('conv_template.seps is not a list of texts');
	const wrap = fieldsOf(fields['role_templates'] ?? {}, 'conv_template.role_templates');
	return {
		system: textOf(fields, 'system_template'),
		systemMessage: textOf(fields, 'system_message', ''),
		user: textOf(roles, 'user'),
		assistant: textOf(roles, 'assistant'),
		afterRole: textOf(fields, 'role_content_sep', ': '),
		beforeAnswer: textOf(fields, 'role_empty_sep', ': '),
		separators,
		isPlain:
			textOf(wrap, 'user', '{user_message}') === '{user_message}' &&
			textOf(wrap, 'assistant', '{assistant_message}') === '{assistant_message}'
	};
}

/** The turns as one prompt that ends where the answer goes on: after `prefix`, or before its first word. */
export function formatTurns(template: ChatTemplate, turns: readonly Turn[], prefix: string): string {
	const { system, systemMessage, separators, afterRole, beforeAnswer } = template;
	const [first, ...others] = turns;
	const told = first?.role === 'system' ? first.text : systemMessage;
	const said = (first?.role === 'system' ? others : turns).map(
		({ role, text }, index) =>
			`${role === 'assistant' ? template.assistant : template.user}${afterRole}${text}${separators[index % separators.length] ?? ''}`
	);
	const begun = template.assistant + (prefix === '' ? beforeAnswer : afterRole) + prefix;
	return [system.split('{system_message}').join(told), ...said, begun].join('');
}
