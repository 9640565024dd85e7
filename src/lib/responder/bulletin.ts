import type { Id } from '#lib/message/message.ts';
import type { ResponderStatus } from './status.ts';

/** What tabs tell each other. A piece carries its offset, so a reader knows what it missed and asks for it. */
type Frame =
	| { kind: 'piece'; message: Id; offset: number; text: string }
	| { kind: 'want'; message: Id }
	| { kind: 'end'; message: Id }
	| { kind: 'status'; status: ResponderStatus }
	| { kind: 'ask-status' };

/** The part of BroadcastChannel that is used. */
export type Channel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>;

/**
 * The answers being written, in memory, the same in all tabs of the device. The writer appends; every
 * tab can watch. Nothing here is kept: the history's checkpoints are what survives.
 */
export class Bulletin {
	readonly #channel: Channel;
	readonly #texts = new Map<Id, string>();
	readonly #writing = new Set<Id>();
	readonly #watchers = new Map<Id, Set<(text: string) => void>>();
	readonly #statusWatchers = new Set<(status: ResponderStatus) => void>();
	#status: ResponderStatus = { kind: 'idle' };
	#owner = false;

	constructor(channel: Channel) {
		this.#channel = channel;
		// another version of the app may speak otherwise: what is not understood is passed over
		channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
			if (isFrame(data)) this.#receive(data);
		});
		this.#send({ kind: 'ask-status' });
	}

	/** Begins or resumes an answer in this tab, with the text it has. */
	begin(message: Id, text: string): void {
		this.#writing.add(message);
		this.#set(message, text);
		this.#send({ kind: 'piece', message, offset: 0, text });
	}

	/** Adds what the model wrote. */
	append(message: Id, text: string): void {
		const before = this.#texts.get(message) ?? '';
		this.#set(message, before + text);
		this.#send({ kind: 'piece', message, offset: before.length, text });
	}

	/** Forgets an answer whose text is in the history now, or will be written by another tab. */
	end(message: Id): void {
		this.#writing.delete(message);
		this.#texts.delete(message);
		this.#send({ kind: 'end', message });
	}

	/** The text of an answer as far as this tab has seen it. */
	seen(message: Id): string {
		return this.#texts.get(message) ?? '';
	}

	/** Tells the text so far, now and at each change. @returns the function that ends it */
	watch(message: Id, onText: (text: string) => void): () => void {
		const watchers = this.#watchers.get(message) ?? new Set();
		this.#watchers.set(message, watchers.add(onText));
		const text = this.#texts.get(message);
		if (text === undefined) this.#send({ kind: 'want', message });
		else onText(text);
		return () => {
			watchers.delete(onText);
			if (watchers.size === 0) this.#watchers.delete(message);
		};
	}

	/** Says what the responder of this tab does; only the tab that holds the engine may. */
	announce(status: ResponderStatus): void {
		this.#owner = true;
		this.#setStatus(status);
		this.#send({ kind: 'status', status });
	}

	/** Tells the responder's status, now and at each change. @returns the function that ends it */
	watchStatus(onStatus: (status: ResponderStatus) => void): () => void {
		this.#statusWatchers.add(onStatus);
		onStatus(this.#status);
		return () => this.#statusWatchers.delete(onStatus);
	}

	close(): void {
		this.#channel.close();
	}

	#receive(frame: Frame): void {
		if (frame.kind === 'piece') this.#place(frame.message, frame.offset, frame.text);
		if (frame.kind === 'end') this.#texts.delete(frame.message);
		if (frame.kind === 'status') {
			this.#owner = false;
			this.#setStatus(frame.status);
		}
		if (frame.kind === 'ask-status' && this.#owner) this.#send({ kind: 'status', status: this.#status });
		if (frame.kind === 'want' && this.#writing.has(frame.message)) {
			this.#send({ kind: 'piece', message: frame.message, offset: 0, text: this.seen(frame.message) });
		}
	}

	#place(message: Id, offset: number, text: string): void {
		const before = this.#texts.get(message) ?? '';
		if (offset > before.length) this.#send({ kind: 'want', message });
		else if (offset + text.length > before.length || offset === 0)
			this.#set(message, before.slice(0, offset) + text);
	}

	#set(message: Id, text: string): void {
		this.#texts.set(message, text);
		this.#watchers.get(message)?.forEach((tell) => tell(text));
	}

	#setStatus(status: ResponderStatus): void {
		this.#status = status;
		this.#statusWatchers.forEach((tell) => tell(status));
	}

	#send(frame: Frame): void {
		this.#channel.postMessage(frame);
	}
}

const KINDS: readonly string[] = ['piece', 'want', 'end', 'status', 'ask-status'] satisfies Frame['kind'][];

/** Tabs of one origin and one protocol name trust each other's fields; the kind tells a known frame. */
function isFrame(data: unknown): data is Frame {
	return typeof data === 'object' && data !== null && 'kind' in data && KINDS.includes(String(data.kind));
}
