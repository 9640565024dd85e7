import { listClass } from './build.ts';
import { DOCUMENT, readPiece, tableOf, type Context, type Reading } from './pieces.ts';
import { ReferenceBook, type Lookup } from './references.ts';
import { element, type Tree, type TreeElement } from './tree.ts';

/** A run of lines that will not change, and what was read from it. */
interface Piece {
	readonly lines: string;
	readonly context: Context;
	reading: Reading;
	/** The list or table that it belongs to. */
	readonly box: Box | null;
}

/** A list or table whose first items or rows are settled. */
export interface Box {
	readonly context: Context;
	/** The list's first line, for its attributes, or the table's header. */
	shell: Piece | null;
	readonly pieces: Piece[];
	loose: boolean;
	/** Its tree, once it is closed. */
	tree: Tree | null;
}

/** Either blocks, or one list or table read in pieces. */
type Section = { kind: 'blocks'; piece: Piece } | { kind: 'box'; box: Box };

/** A list with `items`, or a table's box with `rows`, in place of those of `shell`. */
function fill(shell: Tree | undefined, inner: readonly Tree[], loose: boolean): TreeElement {
	if (shell?.kind !== 'element') throw new Error('a list or table was expected');
	if (shell.tag !== 'div')
		return { ...shell, attributes: { ...shell.attributes, class: listClass(loose) }, children: inner };
	const table = tableOf(shell);
	const body = inner.length > 0 ? [element('tbody', {}, inner)] : [];
	return { ...shell, children: [{ ...table, children: [...table.children.slice(0, 1), ...body] }] };
}

/**
 * The settled part of a text, in the order of its lines. A piece is read once; and once more when a
 * label that it names, undefined until then, is defined further on.
 */
export class Sections {
	readonly #book = new ReferenceBook();
	readonly #sections: Section[] = [];
	/** Pieces by the labels they miss. */
	readonly #missing = new Map<string, Set<Piece>>();
	#trees: readonly Tree[] | null = null;

	/** Adds whole blocks. */
	addBlocks(lines: string): void {
		this.#sections.push({ kind: 'blocks', piece: this.#settle(DOCUMENT, lines, null) });
	}

	/**
	 * Adds the beginning of a list or table, to be continued.
	 * @param lines its first items or rows (with the table's header)
	 * @param context what reads the rest of it
	 */
	addBox(lines: string, context: Context, loose: boolean): Box {
		const isTable = context.kind === 'table';
		const head = isTable ? context.opener : lines.slice(0, lines.indexOf('\n') + 1);
		const box: Box = { context, shell: null, pieces: [], loose, tree: null };
		box.shell = this.#read(DOCUMENT, head, box, this.#book.passing());
		this.#sections.push({ kind: 'box', box });
		this.continueBox(box, isTable ? lines.slice(head.length) : lines, loose);
		return box;
	}

	/** Adds items or rows to the list or table added last. */
	continueBox(box: Box, lines: string, loose: boolean): void {
		const piece = this.#settle(box.context, lines, box);
		if (piece.reading.after.length > 0) throw new Error('items or rows were expected alone');
		box.pieces.push(piece);
		box.loose ||= loose || piece.reading.loose;
	}

	/** Says that the list or table added last has ended. */
	closeBox(): void {
		this.#trees = null;
	}

	/** Reads lines that may still change, with the definitions that are settled. */
	readPassing(context: Context, lines: string): Reading {
		return readPiece(context, lines, this.passing());
	}

	/** For reading what may still change: definitions that are settled, none that stay. */
	passing(): Lookup {
		return this.#book.passing();
	}

	/** The trees of all sections, but for the list or table that is still open. */
	trees(open: Box | null): readonly Tree[] {
		this.#trees ??= this.#sections.flatMap((section) => {
			if (section.kind === 'blocks') return section.piece.reading.after;
			return section.box === open ? [] : [(section.box.tree ??= this.fill(section.box, [], false))];
		});
		return this.#trees;
	}

	/** The tree of a list or table, with `more` items or rows that are not settled. */
	fill(box: Box, more: readonly Tree[], loose: boolean): Tree {
		const inner = box.pieces.flatMap((piece) => piece.reading.inner);
		return fill(box.shell?.reading.after[0], inner.concat(more), box.loose || loose);
	}

	/** Reads a piece for good; pieces that named what it defines are read again. */
	#settle(context: Context, lines: string, box: Box | null): Piece {
		const lookup = this.#book.settled();
		const piece = this.#read(context, lines, box, lookup);
		for (const label of lookup.defined) this.#readAgain(label);
		this.#trees = null;
		return piece;
	}

	#read(context: Context, lines: string, box: Box | null, lookup: Lookup): Piece {
		const piece: Piece = { lines, context, reading: readPiece(context, lines, lookup), box };
		this.#note(piece, lookup);
		return piece;
	}

	#note(piece: Piece, lookup: Lookup): void {
		for (const label of lookup.missing) {
			const pieces = this.#missing.get(label);
			if (pieces) pieces.add(piece);
			else this.#missing.set(label, new Set([piece]));
		}
	}

	#readAgain(label: string): void {
		const pieces = this.#missing.get(label);
		this.#missing.delete(label);
		for (const piece of pieces ?? []) {
			const lookup = this.#book.passing();
			piece.reading = readPiece(piece.context, piece.lines, lookup);
			this.#note(piece, lookup);
			if (piece.box) piece.box.tree = null;
		}
	}
}
