import type { Backend } from './backend.ts';
import { deliver } from './delivery.ts';
import type { ReplyUsage } from './engine.ts';
import { EngineError, wordsOf } from './errors.ts';
import { parseToWorker, type FromWorker, type ToWorker } from './protocol.ts';

/** The side of a worker's global scope that messages use. */
export interface Port {
	postMessage(message: FromWorker): void;
	addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

const NOTHING_SAID: ReplyUsage = {
	promptTokens: 0,
	completionTokens: 0,
	timeToFirstToken: 0,
	tokensPerSecond: 0,
	reason: 'aborted'
};

/**
 * Answers a window's requests with a backend, one at a time in the order they came: engines hold one
 * state, and a count in the middle of a reply would disturb it.
 */
export function serve(port: Port, backend: Backend): void {
	const replies = new Map<number, AbortController>();
	let queue = Promise.resolve();
	let pace = 0;

	async function load({ id, model }: Extract<ToWorker, { kind: 'load' }>): Promise<void> {
		pace = model.pace ?? 0;
		const loaded = await backend.load(model, (share) => port.postMessage({ kind: 'progress', id, share }));
		port.postMessage({ kind: 'loaded', id, loaded });
	}

	async function reply(request: Extract<ToWorker, { kind: 'reply' }>, since: number): Promise<void> {
		const { id, turns, params, prefix } = request;
		const signal = replies.get(id)?.signal ?? AbortSignal.abort();
		const send = (text: string): void =>
			port.postMessage(text === '' ? { kind: 'alive', id } : { kind: 'delta', id, text });
		try {
			const usage = signal.aborted
				? NOTHING_SAID
				: await deliver(backend.reply(turns, { params, prefix, signal }), { pace, signal, since, send });
			port.postMessage({ kind: 'usage', id, usage });
		} finally {
			replies.delete(id);
		}
	}

	async function work(request: Exclude<ToWorker, { kind: 'abort' }>, since: number): Promise<void> {
		const { id } = request;
		switch (request.kind) {
			case 'load':
				return load(request);
			case 'reply':
				return reply(request, since);
			case 'count':
				return port.postMessage({ kind: 'counts', id, counts: await backend.countTokens(request.texts) });
			case 'unload':
				await backend.unload();
				return port.postMessage({ kind: 'unloaded', id });
		}
	}

	port.addEventListener('message', ({ data }) => {
		const request = parseToWorker(data);
		if (request.kind === 'abort') {
			replies.get(request.id)?.abort();
			return;
		}
		// what the model is still to say is not waited for
		if (request.kind === 'unload') for (const controller of replies.values()) controller.abort();
		if (request.kind === 'reply') replies.set(request.id, new AbortController());
		const since = performance.now();
		queue = queue
			.then(() => work(request, since))
			.catch((thrown: unknown) => {
				const error = thrown instanceof EngineError ? thrown.kind : 'unknown';
				port.postMessage({ kind: 'failed', id: request.id, error, detail: wordsOf(thrown) });
			});
	});
}
