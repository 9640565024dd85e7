/**
 * An engine that is driven as WebLLM's own window side drives its worker: it makes the next token when the
 * page asks for it.
 */
import type { ReplyEnd } from '#lib/engine/backend.ts';
import type { EngineModel, GenerationParams, Turn } from '#lib/engine/engine.ts';
import { WllamaBackend } from '#lib/engine/wllama/backend.ts';

/** What the page asks. */
export type PullRequest =
	| { kind: 'load'; model: EngineModel }
	| { kind: 'start'; turns: Turn[]; params: GenerationParams }
	| { kind: 'next' };

/** What it answers: a token, or null when it has done what was asked or there are no more. */
export type PullReply = { text: string | null };

const backend = new WllamaBackend();
let pieces: AsyncGenerator<string, ReplyEnd, undefined> | undefined;
let pace = 0;

async function answer(request: PullRequest): Promise<PullReply> {
	const since = performance.now();
	switch (request.kind) {
		case 'load':
			pace = request.model.pace ?? 0;
			await backend.load(request.model, () => undefined);
			return { text: null };
		case 'start': {
			const { turns, params } = request;
			pieces = backend.reply(turns, { params, signal: new AbortController().signal });
			return { text: null };
		}
		case 'next': {
			let step = await pieces?.next();
			while (step && !step.done && step.value === '') step = await pieces?.next();
			if (!step || step.done) return { text: null };
			await new Promise((resolve) => setTimeout(resolve, pace - (performance.now() - since)));
			return { text: step.value };
		}
	}
}

addEventListener('message', (event: MessageEvent<PullRequest>) => {
	void answer(event.data).then((reply) => postMessage(reply));
});
