import { expect, test } from 'vitest';
import { formatChatml, isChatml } from '#lib/engine/chatml.ts';

test('turns end where the answer starts', () => {
	expect(
		formatChatml(
			[
				{ role: 'system', text: 'Be brief.' },
				{ role: 'user', text: 'Hi' },
				{ role: 'assistant', text: 'Yes?' },
				{ role: 'user', text: 'Bye' }
			],
			''
		)
	).toBe(
		'<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n' +
			'<|im_start|>assistant\nYes?<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n'
	);
});

test('a prefix stands at the very end, to the letter', () => {
	const prompt = formatChatml([{ role: 'user', text: 'Hi' }], 'Well, $& \n ');
	expect(prompt.endsWith('<|im_end|>\n<|im_start|>assistant\nWell, $& \n ')).toBe(true);
});

test('without a system turn the usual one is put first', () => {
	const turns = [{ role: 'user', text: 'Hi' }] as const;
	expect(formatChatml(turns, '')).toMatch(
		/^<\|im_start\|>system\nYou are a helpful assistant\.<\|im_end\|>\n/
	);
	expect(formatChatml(turns, '', 'Obey.')).toMatch(/^<\|im_start\|>system\nObey\.<\|im_end\|>\n/);
});

test('ChatML is known by its marks', () => {
	expect(isChatml("{{ '<|im_start|>' + role }}{{ '<|im_end|>' }}")).toBe(true);
	expect(isChatml("{{ '<|start_header_id|>' + role }}{{ '<|eot_id|>' }}")).toBe(false);
});
