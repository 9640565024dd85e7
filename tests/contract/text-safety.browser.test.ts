import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRenderer, prepare, type Renderer } from '#lib/text/renderer.ts';
import '#lib/text/text.css';
import { HOSTILE } from '../support/hostile.ts';

const labels = { copy: 'Copy', copied: 'Copied', code: 'Code', table: 'Table', formula: 'Formula' };

const HTML_TAGS = new Set(
	'A BLOCKQUOTE BR BUTTON CODE DEL DIV EM H1 H2 H3 H4 H5 H6 HR INPUT LABEL LI OL P PRE SPAN STRONG TABLE TBODY TD TH THEAD TR UL'.split(
		' '
	)
);
const ATTRIBUTES = new Set(
	'aria-label checked class dir disabled href rel role start tabindex target title type'.split(' ')
);
const MATHML = 'http://www.w3.org/1998/Math/MathML';

function assertHarmless(root: Element): void {
	for (const element of root.querySelectorAll('*')) {
		const isFormula = element.closest('.text-formula') !== null && !element.matches('.text-formula, code');
		if (element.namespaceURI !== MATHML) expect(HTML_TAGS).toContain(element.tagName);
		for (const name of element.getAttributeNames()) {
			if (isFormula) expect(name).not.toMatch(/^on|href|src|^id$/i);
			else expect(ATTRIBUTES).toContain(name);
		}
		if (element instanceof HTMLAnchorElement) {
			expect(['http:', 'https:', 'mailto:']).toContain(element.protocol);
			expect([element.target, element.rel]).toEqual(['_blank', 'noopener noreferrer']);
		}
	}
}

const violations: string[] = [];
const failures: unknown[] = [];
let host: HTMLElement;
let renderer: Renderer;

function begin(): void {
	host = document.createElement('main');
	document.body.append(host);
	renderer = createRenderer(host, {
		labels,
		onCopy: async () => {},
		onFailure: (error) => failures.push(error)
	});
}

function end(): void {
	renderer.destroy();
	host.remove();
}

beforeAll(async () => {
	// what the app's policy says of attributes, images and forms; style elements are the test runner's
	const policy = document.createElement('meta');
	policy.httpEquiv = 'Content-Security-Policy';
	policy.content =
		"style-src-attr 'none'; script-src-attr 'none'; img-src 'none'; object-src 'none'; frame-src 'none'; form-action 'none'; base-uri 'none'";
	document.head.append(policy);
	document.addEventListener('securitypolicyviolation', (event) => {
		violations.push(`${event.violatedDirective}: ${event.sample || event.blockedURI}`);
	});
	await prepare();
});

afterEach(() => {
	expect(failures.splice(0)).toEqual([]);
	expect(violations.splice(0)).toEqual([]);
	expect('pwned' in window).toBe(false);
});

afterAll(() => {
	expect('pwned' in window).toBe(false);
});

describe('hostile text', () => {
	it.each(HOSTILE)('%j does nothing, wherever it is cut', async (text) => {
		begin();
		for (let cut = 1; cut <= text.length; cut++) {
			renderer.update(text.slice(0, cut), false);
			assertHarmless(host);
		}
		renderer.update(text, true);
		await renderer.settled();
		assertHarmless(host);
		const stepwise = host.cloneNode(true);
		end();
		begin();
		renderer.update(text, true);
		await renderer.settled();
		stepwise.normalize();
		host.normalize();
		expect(stepwise.isEqualNode(host)).toBe(true);
		end();
	});

	it('is harmless joined into one text', async () => {
		begin();
		renderer.update(HOSTILE.join('\n\n'), true);
		await renderer.settled();
		assertHarmless(host);
		expect(host.textContent).toContain('window.pwned');
		end();
	});
});

const RICH = [
	'## Heading\n\nText with `code`, **bold**, [a link](https://example.org), <https://example.org> and ![an image](https://example.org/x.png).',
	'- [x] done\n- [ ] not yet\n  1. nested\n  2. list',
	'> quote',
	'| name | value |\n|---|--:|\n' + '| a rather long cell that will not fit its line | 1 |\n'.repeat(3),
	'```ts\n// comment\nexport const x: Map<string, number> = new Map([["a", 1]]); ' +
		'f(1); '.repeat(60) +
		'\n```',
	'```diff\n-removed\n+added\n```',
	'```\nno language\n```',
	'Inline $\\frac{a}{b}$ and\n\n$$\n\\begin{aligned} a &= \\cancel{b} \\\\ c &= \\color{red}{d} \\end{aligned}\n$$',
	'\\[ ' + 'x + '.repeat(150) + 'y \\]',
	'中文，**重点：**后文。\n\nעברית `code` טקסט'
].join('\n\n');

describe('drawn text', () => {
	it.each(['light', 'dark'])('is without fault to axe on a %s ground', async (scheme) => {
		document.documentElement.lang = 'en';
		document.documentElement.style.colorScheme = scheme;
		document.body.style.background = scheme === 'dark' ? '#0d1117' : '#ffffff';
		document.body.style.color = scheme === 'dark' ? '#f0f6fc' : '#1f2328';
		begin();
		host.style.width = '320px';
		renderer.update(RICH, true);
		await renderer.settled();
		expect(host.querySelectorAll('math').length).toBe(3);
		expect(host.querySelectorAll('.code-keyword').length).toBeGreaterThan(0);
		const { violations: faults } = await axe.run(host, {
			rules: { 'landmark-main-is-top-level': { enabled: false }, region: { enabled: false } }
		});
		expect(faults.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
		end();
	});

	it('lets no long line widen the page', async () => {
		begin();
		host.style.width = '320px';
		renderer.update(RICH + '\n\n' + 'x'.repeat(500) + '\n\n`' + 'y'.repeat(500) + '`', true);
		await renderer.settled();
		expect(host.scrollWidth).toBeLessThanOrEqual(320);
		end();
	});
});
