/**
 * Blocks of the search index: several neighbouring terms, each with the list of the places that have it, as bits: how
 * many terms there are (16 bits), and for each its name and its list. A name is its UTF-8, told by the name before it:
 * a one and how much higher its last byte is (gamma), where that is the only difference, which is the case for most
 * pairs of Chinese characters; else a zero, how many bytes they share and one more (gamma), how many follow (gamma),
 * and these. A list is its length (gamma), and from each place the distance to the next (Rice).
 */
import { BitReader, BitWriter } from './bits.ts';

/** Bytes from which on a block is closed: it is read as one, so it costs as much as a row to find in it. */
const FULL = 1_024;

/** A term has at most 32 code units, none of more than three bytes. */
const LONGEST_NAME = 96;

const encoder = new TextEncoder();

/** A term, and the places that have it: whole numbers from 0 on, ascending. */
export type Posting = readonly [term: string, places: readonly number[]];

export interface Block {
	/** Its last term: the first block whose last term is not before a term is the one that has it. */
	last: string;
	bytes: Uint8Array;
}

/**
 * @param postings sorted by their terms' UTF-16 code units, as the database sorts its keys
 * @param places how many there are in all
 */
export function* packBlocks(postings: Iterable<Posting>, places: number): Generator<Block> {
	let block = new BlockWriter(places);
	for (const posting of postings) {
		block.add(posting);
		if (block.size < FULL) continue;
		yield block.end();
		block = new BlockWriter(places);
	}
	if (!block.empty) yield block.end();
}

class BlockWriter {
	readonly #places: number;
	readonly #bits = new BitWriter();
	#terms = 0;
	#last = '';
	#before: Uint8Array = new Uint8Array();

	constructor(places: number) {
		this.#places = places;
	}

	/** About how many bytes there are. */
	get size(): number {
		return this.#bits.length;
	}

	get empty(): boolean {
		return this.#terms === 0;
	}

	add([term, places]: Posting): void {
		this.#terms++;
		this.#last = term;
		this.#name(encoder.encode(term));
		this.#list(places);
	}

	#name(name: Uint8Array): void {
		const before = this.#before;
		this.#before = name;
		const end = name.length - 1;
		let shared = 0;
		while (shared < end && name[shared] === before[shared]) shared++;
		const higher = (name[end] ?? 0) - (before[end] ?? 0);
		const nearlySame = shared === end && before.length === name.length && higher > 0;
		this.#bits.write(nearlySame ? 1 : 0, 1);
		if (nearlySame) return this.#bits.gamma(higher);
		this.#bits.gamma(shared + 1);
		this.#bits.gamma(name.length - shared);
		for (let at = shared; at < name.length; at++) this.#bits.write(name[at] ?? 0, 8);
	}

	#list(places: readonly number[]): void {
		const width = widthOf(places.length, this.#places);
		this.#bits.gamma(places.length);
		let next = 0;
		for (const place of places) {
			this.#bits.rice(place - next, width);
			next = place + 1;
		}
	}

	end(): Block {
		const bits = this.#bits.bytes();
		const bytes = new Uint8Array(2 + bits.length);
		bytes.set([this.#terms & 0xff, this.#terms >> 8]);
		bytes.set(bits, 2);
		return { last: this.#last, bytes };
	}
}

/** The width that is best for distances of this mean, in bits. */
function widthOf(length: number, places: number): number {
	return Math.max(0, Math.floor(Math.log2((Math.LN2 * places) / length)));
}

/**
 * Marks the places of a term, or of all terms that begin with it.
 * @param places how many there are in all
 */
export function markPlaces(
	bytes: Uint8Array,
	places: number,
	{ term, prefix }: { term: string; prefix: boolean },
	marks: Marks
): void {
	const wanted = encoder.encode(term);
	const bits = new BitReader(bytes);
	const name = new Uint8Array(LONGEST_NAME);
	let length = 0;
	for (let terms = bits.read(16); terms > 0 && !marks.full; terms--) {
		length = readName(bits, name, length);
		const fits = prefix ? length >= wanted.length : length === wanted.length;
		readList(bits, places, fits && begins(name, wanted) ? marks : undefined);
	}
}

/** @param name holds the name before, and then the next. @returns its length in bytes */
function readName(bits: BitReader, name: Uint8Array, length: number): number {
	if (bits.read(1) === 1) {
		name[length - 1] = (name[length - 1] ?? 0) + bits.gamma();
		return length;
	}
	const shared = bits.gamma() - 1;
	const end = shared + bits.gamma();
	for (let at = shared; at < end; at++) name[at] = bits.read(8);
	return end;
}

function begins(name: Uint8Array, wanted: Uint8Array): boolean {
	for (let at = wanted.length - 1; at >= 0; at--) if (name[at] !== wanted[at]) return false;
	return true;
}

function readList(lists: BitReader, places: number, marks: Marks | undefined): void {
	const length = Math.min(lists.gamma(), places);
	const width = widthOf(length, places);
	let next = 0;
	for (let left = length; left > 0; left--) {
		const place = next + lists.rice(width);
		marks?.add(place);
		next = place + 1;
	}
}

/** A set of places, as bits. */
export class Marks {
	readonly #bits: Uint32Array;
	readonly #places: number;
	#count = 0;

	constructor(places: number) {
		this.#places = places;
		this.#bits = new Uint32Array(Math.ceil(places / 32));
	}

	/** Nearly all are marked: to read on would leave hardly one out. */
	get full(): boolean {
		return this.#count * 8 >= this.#places * 7;
	}

	add(place: number): void {
		const bits = this.#bits[place >>> 5] ?? 0;
		const bit = 1 << (place & 31);
		if ((bits & bit) !== 0 || place >= this.#places) return;
		this.#bits[place >>> 5] = bits | bit;
		this.#count++;
	}

	has(place: number): boolean {
		return ((this.#bits[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0;
	}
}

/** The places that are in all sets, the last first; a full set leaves none out. */
export function inAll(sets: readonly Marks[], places: number): number[] {
	const telling = sets.filter((marks) => !marks.full);
	const found: number[] = [];
	for (let place = places - 1; place >= 0; place--)
		if (telling.every((marks) => marks.has(place))) found.push(place);
	return found;
}
