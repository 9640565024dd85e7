import type { FlightRow, KnownDevice, OutboxRow } from '#lib/history/rooms/rows.ts';
import { fromBase64url, toBase64url } from '#lib/seal/bytes.ts';
import type { Device } from '#lib/seal/device.ts';
import { SealError } from '#lib/seal/errors.ts';
import { newRoomSecret, type Random, type RoomSecret } from '#lib/seal/keys.ts';
import { seal } from '#lib/seal/seal.ts';
import { wrapSecret } from '#lib/seal/wrap.ts';
import type { Judge } from './judge.ts';
import { BOUNDS, isOp, writeOps, type Op, type Wrap } from './payload.ts';

/**
 * What waits in the outbox: an operation, or a wish whose operation is only known when it is its turn. "rekey"
 * replaces the key of an epoch so that some accounts do not get the next one, "share" gives the earlier keys to whoever joins later.
 */
export type Wish = Op | { t: 'rekey'; gone: string[]; epoch: number } | { t: 'share' };

/** How much of an event is filled with what waits, in UTF-16 units. */
const FULL = 12_000;

interface Desk {
	account: string;
	room: string;
	/** The account's name. */
	name: string;
	device: Device;
	/** All that this device has. */
	secrets: readonly RoomSecret[];
	random: Random;
}

/** The next envelope, and what of the outbox turned out to be needless. */
export interface Departure {
	flight: FlightRow | null;
	needless: number[];
}

/** Reads what waits; something that is no wish of this version was written by a later one. */
export function readWish(op: unknown): Wish | null {
	if (isOp(op)) return op;
	if (typeof op !== 'object' || op === null || !('t' in op)) return null;
	if (op.t === 'share') return { t: 'share' };
	if (op.t !== 'rekey' || !('gone' in op) || !Array.isArray(op.gone) || !('epoch' in op)) return null;
	return { t: 'rekey', gone: op.gone.map(String), epoch: Number(op.epoch) };
}

/**
 * Seals what waits, as much as one event holds, under the current key and behind this device's last envelope.
 * There is one envelope of a room under way at a time: the log then has them in the order of their chain.
 */
export async function depart(judge: Judge, waiting: readonly OutboxRow[], desk: Desk): Promise<Departure> {
	const { key } = judge;
	const { account, room, name, device, random } = desk;
	const { ops, ns, needless } = await gather(judge, waiting, desk);
	if (!key || (ops.length === 0 && judge.isKnown)) return { flight: null, needless };
	const agreement = toBase64url(device.agreement);
	const all: Op[] = judge.isNew ? [{ t: 'device', agreement, name }, ...ops] : ops;
	const id = toBase64url(random(16));
	const place = { kind: 'event', room, author: account, id } as const;
	const { envelope } = await seal(writeOps(all), place, key, device, judge.link, random);
	return { flight: { account, room, id, body: toBase64url(envelope), ns }, needless };
}

async function gather(judge: Judge, waiting: readonly OutboxRow[], desk: Desk) {
	const ops: Op[] = [];
	const ns: number[] = [];
	const needless: number[] = [];
	let size = 0;
	for (const { n, op } of waiting) {
		const wish = readWish(op);
		// a key comes alone (D2)
		if (wish?.t === 'rekey' && ops.length > 0) break;
		const made = wish && (await make(judge, wish, desk));
		if (!made) {
			needless.push(n);
			continue;
		}
		size += JSON.stringify(made).length;
		if (ops.length > 0 && (size > FULL || ops.length === BOUNDS.ops - 1)) break;
		ops.push(made);
		ns.push(n);
		if (made.t === 'key') break;
	}
	return { ops, ns, needless };
}

/** @returns null when there is nothing to do any more */
async function make(judge: Judge, wish: Wish, { room, secrets, random }: Desk): Promise<Op | null> {
	if (wish.t === 'share') {
		const past = secrets.filter(({ epoch }) => epoch < judge.epoch).slice(-BOUNDS.secrets);
		const told = past.map(({ epoch, secret }) => ({ epoch, secret: toBase64url(secret) }));
		return told.length > 0 ? { t: 'past', secrets: told } : null;
	}
	if (wish.t !== 'rekey') return wish;
	const { book } = judge;
	// somebody else was first
	if (book.epoch > wish.epoch && wish.gone.every((account) => book.gone.includes(account))) return null;
	const gone = wish.gone.slice(0, BOUNDS.gone);
	const secret = newRoomSecret(judge.epoch + 1, random);
	const wraps: Wrap[] = [];
	for (const [device, { account, agreement }] of heirs(judge)) {
		if (gone.includes(account) || wraps.length === BOUNDS.wraps) continue;
		const wrapped = await wrapFor(room, secret, agreement);
		if (wrapped !== null) wraps.push(`${device}.${wrapped}`);
	}
	return { t: 'key', epoch: secret.epoch, gone, wraps };
}

/** A device that named a key that is none has locked itself out. */
async function wrapFor(room: string, secret: RoomSecret, agreement: string): Promise<string | null> {
	try {
		return toBase64url(await wrapSecret(room, secret, fromBase64url(agreement) ?? new Uint8Array()));
	} catch (error) {
		if (error instanceof SealError) return null;
		throw error;
	}
}

/** The devices that have the current epoch (D3), in the order of their first word. */
export function holders({ book }: Judge): [string, KnownDevice][] {
	return Object.entries(book.devices).filter(
		([, { has, agreement }]) => has === book.epoch && agreement !== ''
	);
}

/** The holders, the newest of each account first, so that nobody loses a room to somebody else's many devices. */
function heirs(judge: Judge): [string, KnownDevice][] {
	const taken = new Map<string, number>();
	const ranked = holders(judge)
		.reverse()
		.map((holder) => {
			const rank = taken.get(holder[1].account) ?? 0;
			taken.set(holder[1].account, rank + 1);
			return { holder, rank };
		});
	return ranked.sort((one, other) => one.rank - other.rank).map(({ holder }) => holder);
}
