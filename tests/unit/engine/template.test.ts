import { describe, expect, test } from 'vitest';
import { formatChatml } from '#lib/engine/chatml.ts';
import type { Turn } from '#lib/engine/engine.ts';
import { ConfigError, formatTurns, parseTemplate } from '#lib/engine/webllm/template.ts';

const qwen = {
	system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
	system_message: 'You are a helpful assistant.',
	roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant' },
	role_templates: { user: '{user_message}', assistant: '{assistant_message}' },
	role_content_sep: '\n',
	role_empty_sep: '\n',
	seps: ['<|im_end|>\n']
};

const turns: Turn[] = [
	{ role: 'user', text: 'Hi $&' },
	{ role: 'assistant', text: 'Yes?' },
	{ role: 'user', text: 'Bye' }
];

describe('a chat template', () => {
	test("of a Qwen model writes ChatML, with the model's own system text", () => {
		const template = parseTemplate(qwen);
		expect(formatTurns(template, turns, '')).toBe(formatChatml(turns, ''));
		expect(formatTurns(template, turns, 'So')).toBe(formatChatml(turns, 'So'));
		const told: Turn[] = [{ role: 'system', text: 'Cost: $$5' }, ...turns];
		expect(formatTurns(template, told, '')).toBe(formatChatml(told, ''));
		expect(template.isPlain).toBe(true);
	});

	test('takes its separators by turns', () => {
		const template = parseTemplate({
			...qwen,
			system_template: '',
			roles: { user: 'U', assistant: 'A' },
			role_content_sep: ': ',
			role_empty_sep: ':',
			seps: [' ', '</s>']
		});
		expect(formatTurns(template, turns, '')).toBe('U: Hi $& A: Yes?</s>U: Bye A:');
		expect(formatTurns(template, turns, 'x')).toBe('U: Hi $& A: Yes?</s>U: Bye A: x');
	});

	test('that adds to the text is not plain', () => {
		expect(parseTemplate({ ...qwen, role_templates: { user: '[{user_message}]' } }).isPlain).toBe(false);
	});

	test.each([
		['nothing', undefined],
		['no roles', { ...qwen, roles: undefined }],
		['no separators', { ...qwen, seps: [] }],
		['a role that is no text', { ...qwen, roles: { user: 1, assistant: 'A' } }]
	])('refuses %s', (_, value) => {
		expect(() => parseTemplate(value)).toThrow(ConfigError);
	});
});
