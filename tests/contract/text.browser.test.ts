import { afterEach, describe, expect, it } from 'vitest';
import { createRenderer, prepare, type Labels, type Renderer } from '#lib/text/renderer.ts';
import { makeCuts, makeMarkdown, seededRandom } from '../unit/text/markdown-maker.ts';

const labels: Labels = {
	copy: 'Copy',
	copied: 'Copied',
	code: 'Code',
	table: 'Table',
	formula: 'Formula'
};

const open: { renderer: Renderer; host: HTMLElement }[] = [];
const failures: unknown[] = [];

function start(onCopy: (text: string) => Promise<void> = async () => {}) {
	const host = document.createElement('main');
	document.body.append(host);
	const renderer = createRenderer(host, { labels, onCopy, onFailure: (error) => failures.push(error) });
	open.push({ renderer, host });
	return { renderer, host };
}

afterEach(() => {
	for (const { renderer, host } of open.splice(0)) {
		renderer.destroy();
		host.remove();
	}
	expect(failures.splice(0)).toEqual([]);
});

async function drawn(text: string): Promise<HTMLElement> {
	const { renderer, host } = start();
	renderer.update(text, true);
	await renderer.settled();
	return host;
}

async function streamed(text: string, cuts: readonly number[]): Promise<HTMLElement> {
	const { renderer, host } = start();
	for (const cut of cuts) renderer.update(text.slice(0, cut), false);
	renderer.update(text, true);
	await renderer.settled();
	return host;
}

function html(host: HTMLElement): string {
	const copy = host.cloneNode(true) as HTMLElement;
	copy.normalize();
	return copy.innerHTML;
}

function inner(host: HTMLElement): string {
	return host.querySelector('.text-group')?.innerHTML ?? '';
}

describe('Markdown in the page', () => {
	it('shows plain text until it can be drawn, then draws it', async () => {
		const { renderer, host } = start();
		renderer.update('**bold', false);
		expect(host.textContent).toBe('**bold');
		renderer.update('**bold**', true);
		await renderer.settled();
		expect(inner(host)).toBe('<p dir="auto"><strong>bold</strong></p>');
	});

	it('shows the last words of a long block without waiting for more of them', async () => {
		await prepare();
		const { renderer, host } = start();
		const long = 'Some words. '.repeat(500);
		renderer.update(long, false);
		renderer.update(`${long}x`, false);
		await expect.poll(() => host.textContent.endsWith('x')).toBe(true);
	});

	it.each([
		['# One\n\nTwo\n===', '<h1 dir="auto">One</h1><h1 dir="auto">Two</h1>'],
		[
			'a **b** *c* ~~d~~ `e`\\\nf',
			'<p dir="auto">a <strong>b</strong> <em>c</em> <del>d</del> <code class="text-inline-code" dir="ltr">e</code><br>f</p>'
		],
		['> quote\nlazy', '<blockquote dir="auto"><p>quote\nlazy</p></blockquote>'],
		['3. a\n4. b', '<ol class="text-tight" start="3" dir="auto"><li><p>a</p></li><li><p>b</p></li></ol>'],
		['- a\n\n- b', '<ul class="text-loose" dir="auto"><li><p>a</p></li><li><p>b</p></li></ul>'],
		['***', '<hr>'],
		['<b>raw</b>', '<p dir="auto">&lt;b&gt;raw&lt;/b&gt;</p>'],
		[
			'![a cat](https://example.org/cat.png)',
			'<p dir="auto"><a href="https://example.org/cat.png" target="_blank" rel="noopener noreferrer" class="text-image">a cat</a></p>'
		],
		['**注意：**请看', '<p dir="auto"><strong>注意：</strong>请看</p>']
	])('draws %j', async (text, expected) => {
		expect(inner(await drawn(text))).toBe(expected);
	});

	it('draws a table in a box that scrolls, with <br> in a cell', async () => {
		const host = await drawn('| a | b |\n|:-:|--:|\n| 1<br>2 | `x|` |');
		expect(inner(host)).toBe(
			'<div class="text-table" role="group" tabindex="0" aria-label="Table"><table dir="auto"><thead><tr><th class="text-center">a</th><th class="text-right">b</th></tr></thead><tbody><tr><td class="text-center">1<br>2</td><td class="text-right">`x</td></tr></tbody></table></div>'
		);
	});

	it('names the check boxes of a task list by their words', async () => {
		const host = await drawn('- [x] done\n- [ ] to do');
		const boxes = [...host.querySelectorAll('input')];
		expect(boxes.map((box) => [box.checked, box.disabled, box.labels?.[0]?.textContent])).toEqual([
			[true, true, ' done'],
			[false, true, ' to do']
		]);
	});

	it('sets formulas as MathML, and leaves as it is what is none', async () => {
		const host = await drawn('$a+b$ \\(c\\) costs $5 and $10\n\n$$\n\\frac{1}{2}\n$$\n\n\\[ \\nonsense{ \\]');
		expect(host.querySelectorAll('math')).toHaveLength(3);
		expect(host.querySelectorAll('math mfrac')).toHaveLength(1);
		expect(host.textContent).toContain('costs $5 and $10');
		expect(host.querySelector('.text-formula-unset')?.textContent).toBe('\\[ \\nonsense{ \\]');
	});

	it('colours code once it is whole, and keeps its text to the letter', async () => {
		const code = 'def f(x):\n\treturn "<b>" + x  # note\n';
		const { renderer, host } = start();
		renderer.update('```python\n' + code, false);
		await renderer.settled();
		expect(host.querySelectorAll('code [class]')).toHaveLength(0);
		renderer.update('```python\n' + code + '```\n', false);
		await renderer.settled();
		expect(host.querySelector('pre code')?.textContent).toBe(code);
		expect(host.querySelector('.code-keyword')?.textContent).toBe('def');
		expect(host.querySelector('.code-comment')?.textContent).toBe('# note');
	});

	it('keeps the text of long code to the letter when it is coloured in stretches', async () => {
		const code = Array.from(
			{ length: 900 },
			(_, i) => `const value${String(i)} = "text ${String(i)}";${i % 9 ? '' : '\n'}`
		).join('\n');
		const host = await drawn('```ts\n' + code + '\n```');
		expect(host.querySelector('pre code')?.textContent).toBe(code + '\n');
		expect(host.querySelectorAll('.code-keyword').length).toBe(900);
	});

	it('copies code by a button, and says so', async () => {
		let copied = '';
		const { renderer, host } = start(async (text) => void (copied = text));
		renderer.update('```\none\ntwo\n```', true);
		await renderer.settled();
		const button = host.querySelector('button');
		expect([button?.type, button?.textContent]).toEqual(['button', 'Copy']);
		button?.click();
		await expect.poll(() => button?.textContent).toBe('Copied');
		expect(copied).toBe('one\ntwo');
	});

	it('tells of a copy that was refused', async () => {
		const { renderer, host } = start(() => Promise.reject(new Error('refused')));
		renderer.update('```\none\n```', true);
		await renderer.settled();
		host.querySelector('button')?.click();
		await expect.poll(() => failures.length).toBe(1);
		expect(host.querySelector('button')?.textContent).toBe('Copy');
		expect(String(failures.splice(0)[0])).toContain('refused');
	});

	it('leaves finished blocks, items and rows in the page as they are', async () => {
		await prepare();
		const { renderer, host } = start();
		let text = 'one\n\n- two\n- three\n- fo';
		renderer.update(text, false);
		const kept = [host.querySelector('p'), host.querySelector('li'), host.querySelector('ul')];
		const changes: MutationRecord[] = [];
		const observer = new MutationObserver((records) => changes.push(...records));
		for (const node of [host.querySelector('p'), ...[...host.querySelectorAll('li')].slice(0, 2)])
			if (node)
				observer.observe(node, { subtree: true, childList: true, characterData: true, attributes: true });
		text += 'ur\n- five\n\n| a |\n|---|\n| 1 |\n| 2 |\n\nend';
		renderer.update(text, false);
		renderer.update(text, true);
		changes.push(...observer.takeRecords());
		expect([host.querySelector('p'), host.querySelector('li'), host.querySelector('ul')]).toEqual(kept);
		expect(changes).toEqual([]);
	});

	it('follows a definition that arrives late, in blocks that were finished', async () => {
		const host = await streamed('- see [it]\n- more\n\n[it]: https://example.org/', [5, 12, 19, 25, 30]);
		expect(host.querySelector('li a')?.getAttribute('href')).toBe('https://example.org/');
	});

	it('draws a text anew that is another, and when something else has changed the page', async () => {
		await prepare();
		const { renderer, host } = start();
		renderer.update('one\n\ntwo\n\nthree', false);
		renderer.update('other', false);
		expect(inner(host)).toBe('<p dir="auto">other</p>');
		host.querySelector('.text')?.replaceChildren();
		renderer.update('other *one*', true);
		expect(inner(host)).toBe('<p dir="auto">other <em>one</em></p>');
	});

	it('takes all of it out of the page in the end', async () => {
		const { renderer, host } = start();
		renderer.update('```js\n1\n```', true);
		renderer.destroy();
		renderer.update('more', true);
		await renderer.settled();
		expect(host.childNodes).toHaveLength(0);
	});
});

const SEED = Number(import.meta.env['VITE_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe('Markdown that arrives in pieces', () => {
	it('changes nothing on the page when a long paragraph that stands there ends', async () => {
		await prepare();
		const { renderer, host } = start();
		const text = Array.from({ length: 60 }, (_, n) => `Sentence ${n} has *some* words and \`code\`.`).join(
			' '
		);
		for (let end = 40; end < text.length; end += 40) renderer.update(text.slice(0, end), false);
		renderer.update(text, false);
		await expect.poll(() => host.textContent.endsWith('59 has some words and code.')).toBe(true);
		const changes: MutationRecord[] = [];
		const observer = new MutationObserver((records) => changes.push(...records));
		observer.observe(host, { subtree: true, childList: true, characterData: true, attributes: true });
		renderer.update(text, true);
		await renderer.settled();
		changes.push(...observer.takeRecords());
		observer.disconnect();
		expect(changes.map(({ type, target }) => [type, target.nodeName])).toEqual([]);
	});

	it(`is drawn as if at once (seed ${String(SEED)})`, async () => {
		await prepare();
		for (let i = 0; i < 150; i++) {
			const random = seededRandom(SEED + i);
			const text = makeMarkdown(random, 4 + (i % 22));
			const cuts = makeCuts(random, text.length);
			const [whole, pieces] = await Promise.all([drawn(text), streamed(text, cuts)]);
			expect(html(pieces), `seed ${String(SEED + i)}\n${JSON.stringify(text)}`).toBe(html(whole));
		}
	});
});
