import * as z from 'zod';
import { ENDED_CODES, LIMITS } from '#lib/wire/frames.ts';
import type { BusMessage } from './bus.ts';

const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const whole = z.number().int().nonnegative();
const body = (most: number) =>
	z
		.string()
		.max(most)
		.regex(/^[A-Za-z0-9_-]*$/);

const event = z.strictObject({ seq: whole, id, from: id, at: whole, body: body(LIMITS.bodyChars) });

const message = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.literal('committed'), room: id, events: z.array(event) }),
	z.strictObject({
		kind: z.literal('signal'),
		room: id,
		from: id,
		connection: id,
		n: whole,
		body: body(LIMITS.signalChars)
	}),
	z.strictObject({ kind: z.literal('changed'), room: id }),
	z.strictObject({ kind: z.literal('ended'), room: id, account: id.nullable(), code: z.enum(ENDED_CODES) }),
	z.strictObject({
		kind: z.literal('here'),
		room: id,
		process: id,
		accounts: z.array(id),
		ask: z.boolean()
	}),
	z.strictObject({
		kind: z.literal('revoked'),
		account: id,
		sessions: z.union([z.strictObject({ only: id }), z.strictObject({ allBut: id.nullable() })])
	})
]);

const packet = z.strictObject({ process: id, messages: z.array(message) });

/** What one turn of a process said on one channel. */
export interface Packet {
	/** Who says it. */
	process: string;
	messages: BusMessage[];
}

/**
 * Reads what came over a bus that others can reach. Frames for clients are made of it, so nothing in it is believed.
 * @returns null when it is no packet of ours
 */
export function parsePacket(text: string): Packet | null {
	try {
		return packet.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}
