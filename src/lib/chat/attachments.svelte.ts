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
		/** `tokens` is an estimate. */
		| { kind: 'ready'; content: FileText; tokens: number }
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

/** The files that go with the question that is being written. */
export class Attachments {
	#files = $state.raw<AttachedFile[]>([]);
	#part = $state<Part>('passages');
	#tooMany = $state.raw<string[]>([]);
	readonly #read: ReadFile;
	readonly #reading = new Map<number, { abort: AbortController; end: Promise<void> }>();
	#lastId = 0;
	readonly #ready = $derived(
		this.#files.flatMap(({ name, state }) => (state.kind === 'ready' ? [{ name, ...state }] : []))
	);
	readonly #tokens = $derived(this.#ready.reduce((sum, { tokens }) => sum + tokens, 0));
	readonly #passages: Searchable = $derived(
		searchable(this.#ready.flatMap(({ content }, index) => passagesOf(content.text, index)))
	);

	constructor(read: ReadFile) {
		this.#read = read;
	}

	get files(): AttachedFile[] {
		return this.#files;
	}

	/** About how many tokens the files have. */
	get tokens(): number {
		return this.#tokens;
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
		const best = this.#part === 'first' ? [] : bestPassages(this.#passages, question, ATTACHMENT_TOKENS);
		// where nothing matches, the beginning is still better than nothing
		if (best.length === 0) return this.#selection('first', firstParts(texts, ATTACHMENT_TOKENS));
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
		return { kind, files, tokens: files.reduce((sum, { text }) => sum + estimateTokens(text), 0) };
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
			this.#set(id, { kind: 'ready', content, tokens: estimateTokens(content.text) });
		} catch (error) {
			if (signal.aborted) return;
			const known = error instanceof FileError;
			this.#set(id, {
				kind: 'refused',
				error: known ? error : new FileError('unreadable', String(error), { cause: error })
			});
		}
	}

	#set(id: number, state: AttachedFile['state']): void {
		this.#files = this.#files.map((file) => (file.id === id ? { ...file, state } : file));
	}
}
