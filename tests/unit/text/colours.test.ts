import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../src/lib/text/text.css', import.meta.url), 'utf8');
const COLOUR = /--((?:code|text)-[a-z]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g;
const colours = [...css.matchAll(COLOUR)].map(([, name = '', light = '', dark = '']) => ({
	name,
	light,
	dark
}));

/** Relative luminance of #rrggbb, after WCAG 2.2. */
function luminance(colour: string): number {
	const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
		const part = parseInt(colour.slice(at, at + 2), 16) / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
	const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
	return (bright + 0.05) / (dim + 0.05);
}

describe('the colours of drawn text', () => {
	const ground = colours.find(({ name }) => name === 'text-ground');
	const inks = colours.filter(({ name }) => name !== 'text-ground' && name !== 'text-line');

	it('are all found in the style sheet', () => {
		expect(ground).toBeDefined();
		expect(inks.length).toBeGreaterThanOrEqual(11);
	});

	it.each(inks)('$name is legible on the ground of code', ({ light, dark }) => {
		expect(contrast(light, ground?.light ?? light)).toBeGreaterThanOrEqual(4.5);
		expect(contrast(dark, ground?.dark ?? dark)).toBeGreaterThanOrEqual(4.5);
	});

	it('has a rule for every colour it names', () => {
		for (const { name } of inks) expect(css, name).toContain(`color: var(--${name})`);
	});
});
