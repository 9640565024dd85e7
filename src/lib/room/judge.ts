import type { Book, KnownDevice, RefusedWhy } from '#lib/history/rooms/rows.ts';
import { equal, fromBase64url, toBase64url, type Bytes } from '#lib/seal/bytes.ts';
import { continuity } from '#lib/seal/chain.ts';
import type { Device } from '#lib/seal/device.ts';
import type { Check } from '#lib/seal/device-keys.ts';
import { SealError, type SealErrorKind } from '#lib/seal/errors.ts';
import { deriveEpochKey, type EpochKey, type RoomSecret } from '#lib/seal/keys.ts';
import { inspect, NO_LINK, open, type Link, type Opened, type Place, type Signed } from '#lib/seal/seal.ts';
import { makeTools, type Tools } from '#lib/seal/tools.ts';
import { unwrapSecret } from '#lib/seal/wrap.ts';
import type { WireEvent } from '#lib/wire/frames.ts';
import { Ahead } from './ahead.ts';
import { ASSISTANT } from './answers.ts';
import { readOps, type Op, type ReadOp } from './payload.ts';

/** What became of an event. */
export type Verdict =
	/** `intro`: an account, or one of its devices, spoke for the first time. */
	| { kind: 'ops'; ops: ReadOp[]; device: string; intro: 'joined' | 'device' | null; turned: boolean }
	| { kind: 'refused'; why: RefusedWhy }
	/** Sealed by a key that is not here. */
	| { kind: 'unreadable' }
	/** Of a later version. */
	| { kind: 'unknown' }
	/** Its author's account is gone, and its body with it. */
	| { kind: 'erased' }
	/** Of an epoch that was over: without effect, and said again by its author (D4). */
	| { kind: 'stale' };

export interface Judged {
	event: WireEvent;
	/** How many of its device's events before it were withheld. */
	gap: number;
	verdict: Verdict;
}

/** Where the judge sits. */
export interface Court {
	room: string;
	access: 'private' | 'open';
	device: Device;
	/** Checks signatures elsewhere than here. */
	check?: Check | undefined;
}

type Attempt = { ok: true; opened: Opened } | { ok: false; kind: SealErrorKind; signed: Signed | null };

/** Characters of a device's key. */
const DEVICE_CHARS = 43;
/** Events that are opened at once: enough for all cores, and few enough that a long log takes no memory of its own. */
const AT_ONCE = 512;

export const NO_BOOK: Book = { epoch: 0, devices: {}, gone: [], seen: {} };

/**
 * Says of each event of a room's log, in its order, whether it is what its author's device sealed for this place,
 * and keeps the book of devices and keys from what they say. The same log gives the same book on every device.
 */
export class Judge {
	/** What the log has said so far; to be saved together with what was judged. */
	readonly book: Book;
	/** Secrets that the events brought, to be saved too. */
	readonly learned: RoomSecret[] = [];
	readonly #court: Court;
	readonly #keys = new Map<number, EpochKey>();
	readonly #keyOf = (epoch: number) => this.#keys.get(epoch);
	readonly #tools: Tools;
	readonly #links = new WeakMap<KnownDevice, Link>();
	#last: { device: Bytes; name: string } | undefined;
	readonly #ahead = new Ahead((event: WireEvent) => this.#open(event), AT_ONCE);

	private constructor(court: Court, book: Book, tools: Tools) {
		this.#court = court;
		this.book = structuredClone(book);
		this.#tools = tools;
	}

	static async of(court: Court, book: Book, secrets: readonly RoomSecret[]): Promise<Judge> {
		const judge = new Judge(court, book, await makeTools(court.check));
		for (const secret of secrets) await judge.#give(secret);
		return judge;
	}

	/** The epoch that holds now: the log's, or that of a link, if nobody has spoken under it yet. */
	get epoch(): number {
		return Math.max(this.book.epoch, ...this.#keys.keys());
	}

	/** The key that is sealed with now; undefined when it is not here. */
	get key(): EpochKey | undefined {
		return this.#keys.get(this.epoch);
	}

	get me(): string {
		return toBase64url(this.#court.device.id);
	}

	/** What the next envelope of this device has to name (C1). */
	get link(): Link {
		return this.#linkOf(this.book.devices[this.me]) ?? NO_LINK;
	}

	/** Whether this device still has to introduce itself under the current epoch (D1). */
	get isNew(): boolean {
		return this.book.devices[this.me]?.introduced !== this.epoch;
	}

	/** Whether the others know that this device has the current epoch: they will give it the next one (D3). */
	get isKnown(): boolean {
		const me = this.book.devices[this.me];
		return me !== undefined && me.introduced >= 0 && me.has === this.epoch;
	}

	has(epoch: number): boolean {
		return this.#keys.has(epoch);
	}

	/** Begins to open events that are to be judged soon: it is slow, and can go on while others are judged. */
	prepare(events: readonly WireEvent[]): void {
		for (const event of events) void this.#ahead.of(event);
	}

	/** Judges the events that follow on what was judged before. */
	async judge(events: readonly WireEvent[]): Promise<Judged[]> {
		// opening can be done side by side; what follows from it cannot
		const attempts = await Promise.all(events.map((event) => this.#ahead.of(event)));
		const judged: Judged[] = [];
		for (const [index, event] of events.entries()) {
			let attempt = attempts[index] ?? null;
			if (attempt?.ok === false && attempt.kind === 'epoch' && this.has(attempt.signed?.epoch ?? -1))
				attempt = await this.#open(event);
			judged.push(await this.#judgeOne(event, attempt));
		}
		return judged;
	}

	/** Opens what a member's device whispered (G2). @returns null when it is not that */
	async whisper(place: Place, body: string): Promise<{ bytes: Bytes; device: string } | null> {
		const envelope = fromBase64url(body);
		if (!envelope) return null;
		try {
			const opened = await open(envelope, place, this.#keyOf, this.#tools);
			const device = toBase64url(opened.device);
			const known = this.book.devices[device];
			const isTheirs = known?.account === place.author && known.introduced === this.book.epoch;
			return isTheirs && opened.epoch === this.book.epoch ? { bytes: opened.bytes, device } : null;
		} catch (error) {
			if (error instanceof SealError) return null;
			throw error;
		}
	}

	async #open(event: WireEvent): Promise<Attempt | null> {
		if (event.body === '') return null;
		const envelope = fromBase64url(event.body);
		if (!envelope) return { ok: false, kind: 'malformed', signed: null };
		const place: Place = { kind: 'event', room: this.#court.room, author: event.from, id: event.id };
		try {
			return { ok: true, opened: await open(envelope, place, this.#keyOf, this.#tools) };
		} catch (error) {
			if (!(error instanceof SealError)) throw error;
			const { kind } = error;
			const signed =
				kind === 'epoch' || kind === 'altered' ? await inspect(envelope, place, this.#tools) : null;
			return { ok: false, kind, signed };
		}
	}

	async #judgeOne(event: WireEvent, attempt: Attempt | null): Promise<Judged> {
		const told = (verdict: Verdict, gap = 0): Judged => ({ event, gap, verdict });
		if (!attempt) return told({ kind: 'erased' });
		const signed = attempt.ok ? attempt.opened : attempt.signed;
		if (!signed) return told(unsigned(attempt.ok ? 'malformed' : attempt.kind));
		const id = this.#nameOf(signed.device);
		const known = this.book.devices[id];
		// the model has no account (A1)
		const other = known && known.account !== event.from;
		if (other || event.from === ASSISTANT) return told({ kind: 'refused', why: 'forged' });
		const follows = continuity(this.#linkOf(known), signed);
		if (follows === 'seen') return told({ kind: 'refused', why: 'replayed' });
		const gap = follows === 'missing' ? signed.link.count - (known?.count ?? 0) - 1 : 0;
		const device = this.#note(id, event.from, signed);
		if (follows === 'forked') return told({ kind: 'refused', why: 'forked' });
		if (signed.epoch < this.book.epoch) return told(this.#late(event.from), gap);
		if (!attempt.ok)
			return told(
				attempt.kind === 'epoch' ? { kind: 'unreadable' } : { kind: 'refused', why: 'altered' },
				gap
			);
		return told(await this.#read(id, device, event.from, attempt.opened), gap);
	}

	/** Takes an envelope into its device's chain. */
	#note(id: string, account: string, { link }: Signed): KnownDevice {
		const blank = { account, name: '', agreement: '', introduced: -1, has: -1 };
		const device = { ...(this.book.devices[id] ?? blank), count: link.count, hash: toBase64url(link.hash) };
		this.book.devices[id] = device;
		this.#links.set(device, link);
		return device;
	}

	/** Where a device's chain stands: as it was read last, or as the book has it. */
	#linkOf(device: KnownDevice | undefined): Link | undefined {
		if (!device) return undefined;
		return (
			this.#links.get(device) ?? { count: device.count, hash: fromBase64url(device.hash) ?? NO_LINK.hash }
		);
	}

	/** The name of a device; most events are of the same one as the event before. */
	#nameOf(device: Bytes): string {
		if (!this.#last || !equal(this.#last.device, device)) this.#last = { device, name: toBase64url(device) };
		return this.#last.name;
	}

	#late(author: string): Verdict {
		return this.book.gone.includes(author) ? { kind: 'refused', why: 'stale' } : { kind: 'stale' };
	}

	async #read(id: string, device: KnownDevice, author: string, { bytes, epoch }: Opened): Promise<Verdict> {
		const read = readOps(bytes);
		if (!read.ok)
			return read.fault === 'version' ? { kind: 'unknown' } : { kind: 'refused', why: 'malformed' };
		const [first] = read.value;
		// whoever has the key of a later epoch was given it
		this.book.epoch = Math.max(this.book.epoch, epoch);
		let intro: 'joined' | 'device' | null = null;
		if (first?.t === 'device') intro = this.#introduce(device, author, first);
		else if (device.introduced !== epoch) return { kind: 'refused', why: 'forged' };
		const change = read.value.find((op) => op.t === 'key');
		if (change && this.#court.access === 'open') return { kind: 'refused', why: 'malformed' };
		const turned = change !== undefined && (await this.#turn(change));
		return { kind: 'ops', ops: read.value, device: id, intro, turned };
	}

	#introduce(
		device: KnownDevice,
		author: string,
		{ agreement, name }: Op & { t: 'device' }
	): 'joined' | 'device' | null {
		const { book } = this;
		const others = Object.values(book.devices).filter(({ account, introduced }) => {
			return account === author && introduced >= 0;
		});
		const again = device.introduced >= 0;
		Object.assign(device, { agreement, name, introduced: book.epoch, has: book.epoch });
		book.gone = book.gone.filter((account) => account !== author);
		if (again) return null;
		return others.length > 0 ? 'device' : 'joined';
	}

	/** The next epoch begins (D2). @returns whether this was the change that began it */
	async #turn({ epoch, gone, wraps }: Op & { t: 'key' }): Promise<boolean> {
		const { book } = this;
		if (epoch !== book.epoch + 1) return false;
		book.epoch = epoch;
		for (const wrap of wraps) {
			const known = book.devices[wrap.slice(0, DEVICE_CHARS)];
			if (known) known.has = epoch;
		}
		book.gone = [...new Set([...book.gone, ...gone])];
		const mine = wraps.find((wrap) => wrap.startsWith(`${this.me}.`));
		if (mine && !this.has(epoch)) await this.#unwrap(epoch, mine.slice(DEVICE_CHARS + 1));
		return true;
	}

	async #unwrap(epoch: number, wrapped: string): Promise<void> {
		const { room, device } = this.#court;
		try {
			await this.learn(await unwrapSecret(room, epoch, fromBase64url(wrapped) ?? new Uint8Array(), device));
		} catch (error) {
			// made wrongly, by whoever changed the key: it is then not here, as the room will say
			if (!(error instanceof SealError)) throw error;
		}
	}

	/** Takes a secret that was not known. */
	async learn(secret: RoomSecret): Promise<void> {
		if (this.has(secret.epoch)) return;
		await this.#give(secret);
		this.learned.push(secret);
	}

	async #give(secret: RoomSecret): Promise<void> {
		this.#keys.set(secret.epoch, await deriveEpochKey(this.#court.room, secret));
	}
}

function unsigned(kind: SealErrorKind): Verdict {
	if (kind === 'version') return { kind: 'unknown' };
	return { kind: 'refused', why: kind === 'signature' ? 'forged' : 'malformed' };
}
