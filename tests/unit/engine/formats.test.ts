import { expect, test } from 'vitest';
import type { Turn } from '#lib/engine/engine.ts';
import { formatOf } from '#lib/engine/formats.ts';

const turns: Turn[] = [
	{ role: 'system', text: 'Be brief.' },
	{ role: 'user', text: 'Hi' },
	{ role: 'assistant', text: 'Yes?' },
	{ role: 'user', text: 'Bye' }
];

test('a template of ChatML is written as ChatML', () => {
	const format = formatOf("{{ '<|im_start|>' + role }}{{ '<|im_end|>' }}");
	expect(format?.(turns, 'So').endsWith('<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\nSo')).toBe(
		true
	);
});

test('a template of Llama 3 is written with its headers, up to where the answer goes on', () => {
	const format = formatOf("{{ '<|start_header_id|>' + role + '<|end_header_id|>' }}{{ '<|eot_id|>' }}");
	expect(format?.(turns, 'So')).toBe(
		'<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>' +
			'<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>' +
			'<|start_header_id|>assistant<|end_header_id|>\n\nYes?<|eot_id|>' +
			'<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|>' +
			'<|start_header_id|>assistant<|end_header_id|>\n\nSo'
	);
});

test('a template of Gemma has no system turn: its text stands before the first question', () => {
	const format = formatOf("{{ '<start_of_turn>' + role }}{{ '<end_of_turn>' }}");
	expect(format?.(turns, '')).toBe(
		'<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nYes?<end_of_turn>\n' +
			'<start_of_turn>user\nBye<end_of_turn>\n<start_of_turn>model\n'
	);
	expect(format?.([{ role: 'user', text: 'Hi' }], 'So')).toBe(
		'<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nSo'
	);
});

test('another template is left to the engine', () => {
	expect(formatOf('[INST] {{ text }} [/INST]')).toBeUndefined();
});
