/** What runs in the page of the text bench: it is bundled and put on the window as `textBench`. */
import DOMPurify from 'dompurify';
import hljs from 'highlight.js/lib/core';
import python from 'highlight.js/lib/languages/python';
import { marked } from 'marked';
import { createRenderer, prepare, type Renderer } from '#lib/text/renderer.ts';
import '#lib/text/text.css';
import { answers, type Shape } from './text-answer.ts';

hljs.registerLanguage('python', python);

const labels = { copy: 'Copy', copied: 'Copied', code: 'Code', table: 'Table', formula: 'Formula' };

function open(): { host: HTMLElement; renderer: Renderer } {
	const host = document.createElement('main');
	document.body.replaceChildren(host);
	return { host, renderer: createRenderer(host, { labels, onCopy: async () => {} }) };
}

/** Draws an answer token by token with Alcove's renderer, each token laid out, and waits for the colours. */
async function ours(shape: Shape, count: number): Promise<void> {
	await prepare();
	const { host, renderer } = open();
	let text = '';
	for (const token of answers[shape](count)) {
		text += token;
		renderer.update(text, false);
		host.getBoundingClientRect();
	}
	renderer.update(text, true);
	await renderer.settled();
	host.getBoundingClientRect();
}

/** The same with marked, DOMPurify and highlight.js over the whole answer so far, at every `every`th token. */
function whole(count: number, every: number): void {
	const host = document.createElement('main');
	document.body.replaceChildren(host);
	let text = '';
	for (const [i, token] of answers.rich(count).entries()) {
		text += token;
		if (i % every !== every - 1) continue;
		host.innerHTML = DOMPurify.sanitize(marked.parse(text, { async: false, gfm: true }));
		for (const code of host.querySelectorAll<HTMLElement>('pre code.language-python'))
			hljs.highlightElement(code);
		host.getBoundingClientRect();
	}
}

/** Writes an answer `perFrame` tokens a frame, and waits for the colours. */
async function write(shape: Shape, count: number, perFrame: number): Promise<void> {
	await prepare();
	const { renderer } = open();
	const all = answers[shape](count);
	let text = '';
	for (let i = 0; i < all.length; i += perFrame) {
		text += all.slice(i, i + perFrame).join('');
		await new Promise(requestAnimationFrame);
		renderer.update(text, i + perFrame >= all.length);
	}
	await renderer.settled();
	await new Promise(requestAnimationFrame);
}

const textBench = { ours, whole, write };
export type TextBench = typeof textBench;
Object.assign(window, { textBench });
