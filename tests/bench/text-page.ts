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

/** Milliseconds that `work` and the layout it asks for take. */
function cost(host: HTMLElement, work: () => void): number {
	const from = performance.now();
	work();
	host.getBoundingClientRect();
	return performance.now() - from;
}

/** Draws an answer token by token with Alcove's renderer; milliseconds in all, layout and colours included. */
async function ours(shape: Shape, count: number): Promise<number> {
	await prepare();
	const { host, renderer } = open();
	let text = '';
	let spent = 0;
	for (const token of answers[shape](count)) {
		text += token;
		spent += cost(host, () => renderer.update(text, false));
	}
	spent += cost(host, () => renderer.update(text, true));
	const from = performance.now();
	await renderer.settled();
	host.getBoundingClientRect();
	return spent + performance.now() - from;
}

/** The same with marked, DOMPurify and highlight.js over the whole answer, at every `every`th token, times `every`. */
function whole(count: number, every: number): number {
	const host = document.createElement('main');
	document.body.replaceChildren(host);
	let text = '';
	let spent = 0;
	for (const [i, token] of answers.rich(count).entries()) {
		text += token;
		if (i % every !== every - 1) continue;
		spent += cost(host, () => {
			host.innerHTML = DOMPurify.sanitize(marked.parse(text, { async: false, gfm: true }));
			for (const code of host.querySelectorAll<HTMLElement>('pre code.language-python'))
				hljs.highlightElement(code);
		});
	}
	return spent * every;
}

/** Writes an answer `perFrame` tokens a frame; the longest task that it caused, in milliseconds (0 if none took 50). */
async function longestTask(shape: Shape, count: number, perFrame: number): Promise<number> {
	await prepare();
	const { renderer } = open();
	let longest = 0;
	const note = (list: PerformanceEntryList) => {
		for (const { duration } of list) longest = Math.max(longest, duration);
	};
	const observer = new PerformanceObserver((list) => note(list.getEntries()));
	observer.observe({ type: 'longtask' });
	const all = answers[shape](count);
	let text = '';
	for (let i = 0; i < all.length; i += perFrame) {
		text += all.slice(i, i + perFrame).join('');
		await new Promise(requestAnimationFrame);
		renderer.update(text, i + perFrame >= all.length);
	}
	await renderer.settled();
	await new Promise(requestAnimationFrame);
	note(observer.takeRecords());
	observer.disconnect();
	return longest;
}

const textBench = { ours, whole, longestTask };
export type TextBench = typeof textBench;
Object.assign(window, { textBench });
