import { fenceGoesOn, fenceTree, openFence, type OpenFence } from './fence.ts';
import { advanceLine, lineTree, openLine, type OpenLine } from './line.ts';
import { DOCUMENT, inContext } from './pieces.ts';
import { boxContext, boxParts, isLooseBox, lineOffset, scan, settledUntil } from './scan.ts';
import { Sections, type Box } from './sections.ts';
import type { Tree } from './tree.ts';

/** How much of the beginning and of the end of a text is compared while it grows, in characters. */
const GLANCE = 64;

/**
 * Markdown that grows, as trees. What no further text can change is read once and its trees stay the
 * same objects: all blocks but the last, all items but the last of a list, all rows but the last of a
 * table. Only whole lines settle anything. When all is settled the trees equal those of the text read
 * at once.
 */
export class MarkdownStream {
	/** As it was given. */
	#source = '';
	/** With line ends and NUL as Markdown reads them. */
	#text = '';
	#final = false;
	#sections = new Sections();
	/** Where the part that may still change begins. */
	#tail = 0;
	/** Up to where whole lines have been looked at. */
	#scanned = 0;
	/** The list or table that the tail goes on with. */
	#open: Box | null = null;
	/** Where that begins. */
	#openFrom = 0;
	/** The code block that the tail is. */
	#fence: OpenFence | null = null;
	/** The paragraph on one line that the tail is. */
	#line: OpenLine | null = null;

	/**
	 * @param source the whole text so far; one that does not continue the last is read anew (if it differs
	 *   in its midst alone, then at the end)
	 * @param final that nothing follows: then all is settled
	 */
	update(source: string, final: boolean): readonly Tree[] {
		if (!this.#goesOn(source, final)) this.#reset();
		const before = this.#text.length;
		this.#text = this.#normalise(source);
		this.#source = source;
		if (final) {
			this.#finish();
			return this.#sections.trees(null);
		}
		const end = this.#text.lastIndexOf('\n') + 1;
		if (this.#fence && !fenceGoesOn(this.#fence, this.#text, before)) this.#fence = null;
		if (this.#fence) this.#scanned = end;
		else if (end > this.#scanned) this.#settle(end);
		return [...this.#sections.trees(this.#open), ...this.#passing()];
	}

	/** How long the block is that still grows, in characters. */
	get growing(): number {
		return this.#text.length - (this.#open ? this.#openFrom : this.#tail);
	}

	/** Whether `source` continues what was read. All of it is compared at the end; at each step its ends are. */
	#goesOn(source: string, final: boolean): boolean {
		const known = this.#source;
		if (this.#final) return final && source === known;
		if (final || known.length < 2 * GLANCE) return source.startsWith(known);
		const end = source.slice(known.length - GLANCE, known.length);
		return source.startsWith(known.slice(0, GLANCE)) && end === known.slice(-GLANCE);
	}

	/** Looks only at what is new, where what came before needed no change. */
	#normalise(source: string): string {
		const known = this.#source === this.#text ? this.#source.length : 0;
		if (!/[\r\0]/.test(known > 0 ? source.slice(known) : source)) return source;
		return source.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
	}

	#reset(): void {
		this.#source = '';
		this.#text = '';
		this.#final = false;
		this.#sections = new Sections();
		this.#tail = 0;
		this.#scanned = 0;
		this.#open = null;
		this.#fence = null;
		this.#line = null;
	}

	#finish(): void {
		if (this.#final) return;
		this.#final = true;
		this.#fence = null;
		if (this.#open) this.#settle(this.#text.length);
		const rest = this.#text.slice(this.#tail);
		this.#tail = this.#text.length;
		if (this.#open) {
			this.#sections.continueBox(this.#open, rest, false);
			this.#closeBox();
		} else if (rest !== '') this.#sections.addBlocks(rest);
	}

	#closeBox(): void {
		this.#open = null;
		this.#sections.closeBox();
	}

	/** Settles what it can of the whole lines before `end`. */
	#settle(end: number): void {
		this.#scanned = end;
		if (this.#open) this.#settleBox(this.#open, end);
		if (!this.#open) this.#settleBlocks(end);
	}

	/** Settles all blocks but the last; of that all items or rows but the last, if it is a list or table. */
	#settleBlocks(end: number): void {
		const found = scan(this.#text.slice(this.#tail, end));
		const cut = settledUntil(found);
		if (cut > 0) {
			this.#sections.addBlocks(found.source.slice(0, cut));
			this.#tail += cut;
		}
		const last = found.tops.at(-1);
		if (last && boxContext(last.token, '')) this.#openBox(end);
	}

	#openBox(end: number): void {
		this.#tail += /^(?:[ \t]*\n)*/.exec(this.#text.slice(this.#tail, end))?.[0].length ?? 0;
		const found = scan(this.#text.slice(this.#tail, end));
		const [top, next] = found.tops;
		const context = top && !next ? boxContext(top.token, found.source) : null;
		if (!context) return;
		const parts = boxParts(context, found);
		const cut = parts.at(-1);
		if (cut === undefined || parts.length < 2) return;
		this.#openFrom = this.#tail;
		this.#open = this.#sections.addBox(found.source.slice(0, cut), context, isLooseBox(found));
		this.#tail += cut;
	}

	/** Settles more of the open list or table; where other blocks follow it, it ends. */
	#settleBox(box: Box, end: number): void {
		const found = scan(inContext(box.context, this.#text.slice(this.#tail, end)));
		const prefix = found.source.length - (end - this.#tail);
		const next = found.tops[1];
		const parts = boxParts(box.context, found);
		const cut = next ? lineOffset(found.source, next.line) : (parts.at(-1) ?? prefix);
		if (cut > prefix) {
			this.#sections.continueBox(box, found.source.slice(prefix, cut), isLooseBox(found));
			this.#tail += cut - prefix;
		}
		if (next) this.#closeBox();
	}

	/** The trees of the part that may still change. */
	#passing(): readonly Tree[] {
		if (this.#fence) return [fenceTree(this.#fence, this.#text)];
		if (this.#line && this.#text.indexOf('\n', this.#line.from) < 0) return [this.#lineTree(this.#line)];
		this.#line = null;
		const rest = this.#text.slice(this.#tail);
		if (this.#open) {
			const { inner, after, loose } = this.#sections.readPassing(this.#open.context, rest);
			return [this.#sections.fill(this.#open, inner, loose), ...after];
		}
		const trees = this.#sections.readPassing(DOCUMENT, rest).after;
		this.#fence = openFence(rest, this.#tail, trees);
		this.#line = openLine(this.#text, this.#tail);
		return trees;
	}

	#lineTree(line: OpenLine): Tree {
		this.#line = advanceLine(line, this.#text, this.#sections.passing());
		return lineTree(this.#line, this.#text, this.#sections.passing());
	}
}
