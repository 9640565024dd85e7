import { describe, expect, test } from 'vitest';
import { ALWAYS, deedOf, isApple, type KeyPress, keyNames, SINGLE } from '#lib/ui/habits/keys.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
	key,
	code: '',
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	shiftKey: false,
	isComposing: false,
	keyCode: 0,
	...more
});
const ctrl = { ctrlKey: true };

describe('a key that was pressed', () => {
	test.each([
		[press('k', ctrl), 'palette'],
		[press('k', { metaKey: true }), 'palette'],
		[press('K', ctrl), 'palette'],
		[press('O', { ...ctrl, shiftKey: true }), 'new'],
		[press('/', ctrl), 'shortcuts'],
		[press('Escape'), 'stop'],
		// Shift makes the sign on a German keyboard
		[press('/', { ...ctrl, shiftKey: true }), 'shortcuts'],
		// a Russian keyboard has another letter there
		[press('л', { ...ctrl, code: 'KeyK' }), 'palette']
	])('is heard while one types: %j', (pressed, deed) => {
		expect(deedOf(pressed, true, true)).toBe(deed);
		expect(deedOf(pressed, true, false)).toBe(deed);
	});

	test('of a single character is heard only where nothing is typed, and while that is switched on', () => {
		for (const { key, deed } of SINGLE) {
			const pressed = press(key, { shiftKey: key === '?' });
			expect(deedOf(pressed, false, true)).toBe(deed);
			expect(deedOf(pressed, true, true)).toBeUndefined();
			expect(deedOf(pressed, false, false)).toBeUndefined();
		}
	});

	test.each([
		press('k', { ...ctrl, isComposing: true }),
		press('n', { isComposing: true }),
		press('Escape', { keyCode: 229 }),
		press('k', { ...ctrl, altKey: true }),
		press('o', ctrl),
		press('N', { shiftKey: true }),
		press('c', ctrl),
		press('x')
	])('is no shortcut while an input method has it, or with other modifiers: %j', (pressed) => {
		expect(deedOf(pressed, false, true)).toBeUndefined();
	});

	test('does one thing only', () => {
		const all = [...ALWAYS, ...SINGLE].map(({ key, mod, shift }) => `${String(mod)} ${String(shift)} ${key}`);
		expect(new Set(all).size).toBe(all.length);
	});
});

test('keys are named as the machine names them', () => {
	const names = (apple: boolean) => ALWAYS.map((shortcut) => keyNames(shortcut, apple).join(' '));
	expect(names(true)).toEqual(['⌘ K', '⇧ ⌘ O', '⌘ /', 'Esc']);
	expect(names(false)).toEqual(['Ctrl K', 'Ctrl Shift O', 'Ctrl /', 'Esc']);
	expect(isApple({ platform: 'MacIntel', userAgent: '' })).toBe(true);
	expect(isApple({ platform: 'Win32', userAgent: 'Mozilla/5.0 (Windows NT 10.0)' })).toBe(false);
	expect(isApple({ platform: 'iPhone', userAgent: '' })).toBe(true);
});
