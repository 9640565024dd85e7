import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright';
import { chromiumLaunch } from '../../support/chromium.ts';

/** A page in a browser of its own, with a profile on the disk. */
export interface UnwatchedPage {
	/** Evaluates an expression in the page, and waits for it. @throws Error with what the page threw */
	evaluate(expression: string): Promise<unknown>;
	close(): Promise<void>;
}

/**
 * Opens a page that can only be asked to evaluate something (Chrome DevTools Protocol, Runtime.evaluate). What
 * drives pages for tests also watches their network, for which the browser keeps a copy of all they fetch:
 * that takes longer than the fetching.
 * @param url its address
 */
export async function openUnwatched(url: string): Promise<UnwatchedPage> {
	const profile = await mkdtemp(join(tmpdir(), 'alcove-bench-profile-'));
	const { args, executablePath = chromium.executablePath() } = chromiumLaunch();
	const flags = [...args, '--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`];
	const browser = spawn(executablePath, [...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
	const close = async () => {
		const gone = once(browser, 'exit');
		browser.kill();
		await gone;
		await rm(profile, { recursive: true, force: true, maxRetries: 5 });
	};
	try {
		const socket = await connect(await newPage(browser));
		await send(socket, 'Page.enable');
		const loaded = heard(socket, ({ method }) =>
			method === 'Page.loadEventFired' ? { value: true } : undefined
		);
		await Promise.all([loaded, send(socket, 'Page.navigate', { url })]);
		return { evaluate: (expression) => evaluate(socket, expression), close };
	} catch (error) {
		await close();
		throw error;
	}
}

/** The address under which a new page of the browser takes orders. */
async function newPage(browser: ChildProcess): Promise<string> {
	if (!browser.stderr) throw new Error('the browser says nothing');
	for await (const line of createInterface({ input: browser.stderr })) {
		const [, host] = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line) ?? [];
		if (host === undefined) continue;
		// what it says from now on is read by nobody, and must not stop it
		browser.stderr.resume();
		const made: unknown = await (await fetch(`http://${host}/json/new`, { method: 'PUT' })).json();
		const address = made instanceof Object && Reflect.get(made, 'webSocketDebuggerUrl');
		if (typeof address !== 'string') throw new Error(`the browser made no page: ${JSON.stringify(made)}`);
		return address;
	}
	throw new Error('the browser ended before it listened');
}

async function connect(address: string): Promise<WebSocket> {
	const socket = new WebSocket(address);
	await new Promise((resolve, reject) => {
		socket.onopen = resolve;
		socket.onerror = () => reject(new Error(`no connection to ${address}`));
	});
	return socket;
}

let last = 0;

/** Sends one order. @returns its result */
function send(socket: WebSocket, method: string, params: object = {}): Promise<Evaluated | undefined> {
	const id = ++last;
	const answer = heard(socket, (message) => {
		if (message.id !== id) return undefined;
		if (message.error) throw new Error(message.error.message);
		return { value: message.result };
	});
	socket.send(JSON.stringify({ id, method, params }));
	return answer;
}

/** Waits for the message in which something is found. */
function heard<T>(socket: WebSocket, find: (message: Message) => { value: T } | undefined): Promise<T> {
	return new Promise((resolve, reject) => {
		const over = new AbortController();
		const hear = ({ data }: MessageEvent<string>) => {
			try {
				const found = find(JSON.parse(data) as Message);
				if (!found) return;
				resolve(found.value);
			} catch (error) {
				reject(error as Error);
			}
			over.abort();
		};
		socket.addEventListener('message', hear, over);
		socket.addEventListener('close', () => reject(new Error('the browser ended')), over);
	});
}

async function evaluate(socket: WebSocket, expression: string): Promise<unknown> {
	const params = { expression, awaitPromise: true, returnByValue: true };
	const evaluated = await send(socket, 'Runtime.evaluate', params);
	const thrown = evaluated?.exceptionDetails;
	if (thrown) throw new Error(thrown.exception?.description ?? thrown.text);
	return evaluated?.result.value;
}

interface Evaluated {
	result: { value?: unknown };
	exceptionDetails?: { text: string; exception?: { description?: string } };
}

interface Message {
	id?: number;
	method?: string;
	error?: { message: string };
	result?: Evaluated;
}
