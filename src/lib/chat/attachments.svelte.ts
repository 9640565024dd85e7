import { FileError } from '#lib/files/errors.ts';
import type { FileText } from '#lib/files/read.ts';
import { type Attachment, MAX_ATTACHMENTS } from '#lib/message/attachment.ts';
import { GAP } from '#lib/prompt/attached.ts';
import { ATTACHMENT_TOKENS, estimateTokens, firstParts, joined, passagesOf } from '#lib/prompt/passages.ts';
import { bestPassages, type Searchable, searchable } from '#lib/prompt/ranking.ts';

/** A file in the composer. */
export interface AttachedFile {
	id: number;
	name: string;
	/** Its size in bytes. */
	bytes: number;
	state:
		| { kind: 'reading' }
		/** `tokens` is an estimate until the model has counted. */
		| { kind: 'ready'; content: FileText; tokens: number; exact: boolean }
		| { kind: 'refused'; error: FileError };
}

/** What is sent of files that do not fit. */
export type Part = 'passages' | 'first';

/** What goes with the question as it stands: all of the files, or a part of them. */
export interface Selection {
	kind: 'all' | Part;
	files: Attachment[];
	/** About how many. */
	tokens: number;
}

/** Reads a file's words. @throws FileError; DOMException AbortError when the signal aborts */
export type ReadFile = (file: File, signal: AbortSignal) => Promise<FileText>;

/** Counts by the loaded model's own tokenizer; undefined where it cannot, or the signal aborts. */
export type CountTokens = (text: string, signal: AbortSignal) => Promise<number | undefined>;

/** The files that go with the question that is being written. */
export class Attachments {
	#files = $state.raw<AttachedFile[]>([]);
	#part = $state<Part>('passages');
	#tooMany = $state.raw<string[]>([]);
	readonly #read: ReadFile;
	readonly #count: CountTokens;
	readonly #counting = new Map<number, AbortController>();
	readonly #reading = new Map<number, { abort: AbortController; end: Promise<void> }>();
	#lastId = 0;
	readonly #ready = $derived(
		this.#files.flatMap(({ name, state }) => (state.kind === 'ready' ? [{ name, ...state }] : []))
	);
	readonly #tokens = $derived(this.#ready.reduce((sum, { tokens }) => sum + tokens, 0));
	readonly #passages: Searchable = $derived(
		searchable(this.#ready.flatMap(({ content }, index) => passagesOf(content.text, index)))
	);

	constructor(read: ReadFile, count: CountTokens) {
		this.#read = read;
		this.#count = count;
	}

	get files(): AttachedFile[] {
		return this.#files;
	}

	/** How many tokens the files have, by the model's count as far as `exact` says so. */
	get tokens(): number {
		return this.#tokens;
	}

	/** Whether all of them were counted by the model. */
	get exact(): boolean {
		return this.#ready.every(({ exact }) => exact);
	}

	/** Whether only a part of the files fits into the context window. */
	get overflows(): boolean {
		return this.#tokens > ATTACHMENT_TOKENS;
	}

	/** What the person chose to send where not all of it fits. */
	get part(): Part {
		return this.#part;
	}

	/** The names of files that were one too many. */
	get tooMany(): string[] {
		return this.#tooMany;
	}

	/** Takes files and reads them. Those beyond the limit are not taken: `tooMany` names them. */
	add(files: readonly File[]): void {
		const room = MAX_ATTACHMENTS - this.#files.filter(({ state }) => state.kind !== 'refused').length;
		this.#tooMany = files.slice(Math.max(0, room)).map(({ name }) => name);
		for (const file of files.slice(0, Math.max(0, room))) this.#take(file);
	}

	remove(id: number): void {
		this.#reading.get(id)?.abort.abort();
		this.#counting.get(id)?.abort();
		this.#files = this.#files.filter((file) => file.id !== id);
		this.#tooMany = [];
	}

	choose(part: Part): void {
		this.#part = part;
	}

	/** What is sent with this question. */
	select(question: string): Selection {
		const texts = this.#ready.map(({ content }) => content.text);
		if (!this.overflows) return this.#selection('all', texts);
		// parts are measured by estimates: the room is made smaller or larger by what those err
		const estimated = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
		const room = Math.floor((ATTACHMENT_TOKENS * estimated) / this.#tokens);
		const best = this.#part === 'first' ? [] : bestPassages(this.#passages, question, room);
		// where nothing matches, the beginning is still better than nothing
		if (best.length === 0) return this.#selection('first', firstParts(texts, room));
		const ofFile = (index: number) => best.filter(({ file }) => file === index);
		return this.#selection(
			'passages',
			texts.map((text, index) => joined(ofFile(index), text, GAP))
		);
	}

	/**
	 * Waits until all files are read.
	 * @returns what to send with the question, or undefined when one turned out not to be readable
	 */
	async take(question: string): Promise<{ files: Attachment[]; sent: () => void } | undefined> {
		const pending = [...this.#reading.keys()];
		await Promise.all([...this.#reading.values()].map(({ end }) => end));
		if (this.#files.some(({ id, state }) => pending.includes(id) && state.kind === 'refused'))
			return undefined;
		const { files } = this.select(question);
		const taken = this.#files.map(({ id }) => id);
		return { files, sent: () => taken.forEach((id) => this.remove(id)) };
	}

	#selection(kind: Selection['kind'], texts: string[]): Selection {
		const files = this.#ready.flatMap(({ name, content }, index): Attachment[] => {
			const text = texts[index] ?? '';
			if (text === '') return [];
			const type = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
			const cut = kind !== 'all' && text !== content.text;
			return [{ name, type, text, ...(cut ? { part: kind } : {}) }];
		});
		const estimated = (all: readonly { text: string }[]) =>
			all.reduce((sum, { text }) => sum + estimateTokens(text), 0);
		const share = estimated(files) / estimated(this.#ready.map(({ content }) => content));
		return { kind, files, tokens: Math.round(this.#tokens * share) || 0 };
	}

	#take(file: File): void {
		const id = ++this.#lastId;
		this.#files = [...this.#files, { id, name: file.name, bytes: file.size, state: { kind: 'reading' } }];
		const abort = new AbortController();
		const end = this.#readInto(id, file, abort.signal).finally(() => this.#reading.delete(id));
		this.#reading.set(id, { abort, end });
	}

	async #readInto(id: number, file: File, signal: AbortSignal): Promise<void> {
		try {
			const content = await this.#read(file, signal);
			this.#set(id, { kind: 'ready', content, tokens: estimateTokens(content.text), exact: false });
			void this.#measure(id, content);
		} catch (error) {
			if (signal.aborted) return;
			const known = error instanceof FileError;
			this.#set(id, {
				kind: 'refused',
				error: known ? error : new FileError('unreadable', String(error), { cause: error })
			});
		}
	}

	async #measure(id: number, content: FileText): Promise<void> {
		const abort = new AbortController();
		this.#counting.set(id, abort);
		const tokens = await this.#count(content.text, abort.signal);
		this.#counting.delete(id);
		if (tokens !== undefined) this.#set(id, { kind: 'ready', content, tokens, exact: true });
	}

	#set(id: number, state: AttachedFile['state']): void {
		this.#files = this.#files.map((file) => (file.id === id ? { ...file, state } : file));
	}
}
