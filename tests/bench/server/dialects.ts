import type { Dialect, Guests } from './job.ts';

/** How the generator speaks to a kind of server, and reads it at the least cost to itself. */
export interface Speech {
	/** The path of the handshake. */
	path(room: string): string;
	/** What is said first. */
	hello(room: string, guests: Guests, member: number): string[];
	/** Whether a message says that the connection is in its room. */
	isIn(message: Buffer): boolean;
	/** What has to be said in answer to a message, lest the server cut the connection; null for nothing. */
	answer(message: Buffer): string | null;
	/** @param name 22 characters of base64url */
	send(room: string, name: string, body: string): string;
	/** How many events a message brings. */
	count(message: Buffer): number;
	/** The names of the events that a message brings. */
	names(message: Buffer): string[];
}

const EVENT = Buffer.from('{"seq":');
const ID = Buffer.from('"id":"');
const NAME_BYTES = 22;
const LEVEL = Buffer.from('"t":"level"');

function occurrences(message: Buffer, of: Buffer): number {
	let count = 0;
	for (let at = message.indexOf(of); at !== -1; at = message.indexOf(of, at + of.length)) count++;
	return count;
}

/** Only the names are made strings: an event is several times as long as what the others send. */
function eventNames(message: Buffer): string[] {
	const names: string[] = [];
	for (let at = message.indexOf(EVENT); at !== -1; at = message.indexOf(EVENT, at)) {
		const from = message.indexOf(ID, at) + ID.length;
		at = from + NAME_BYTES;
		names.push(message.toString('latin1', from, at));
	}
	return names;
}

const alcove: Speech = {
	path: () => '/api/v1/socket',
	hello: (room, { tokens }, member) => [
		JSON.stringify([
			{ t: 'hello', v: 1, token: tokens[member] ?? '' },
			{ t: 'open', room, after: Number.MAX_SAFE_INTEGER }
		])
	],
	isIn: (message) => message.includes(LEVEL),
	answer: () => null,
	send: (room, id, body) => `[{"t":"send","room":"${room}","id":"${id}","body":"${body}"}]`,
	count: (message) => occurrences(message, EVENT),
	names: eventNames
};

/** The name stands before what is said, and is part of its 200 bytes. */
const named = (name: string, body: string) => name + body.slice(name.length);

const raw: Speech = {
	path: (room) => `/${room}`,
	hello: () => [],
	isIn: (message) => message.length === 2,
	answer: () => null,
	send: (_, name, body) => named(name, body),
	count: (message) => (message.length > 2 ? 1 : 0),
	names: (message) => (message.length > 2 ? [message.toString('latin1', 0, 22)] : [])
};

/** Engine.IO 4: a digit for its own kind of packet, then one for Socket.IO's. */
const socketio: Speech = {
	path: (room) => `/socket.io/?EIO=4&transport=websocket&room=${room}`,
	hello: () => ['40'],
	isIn: (message) => message.toString('latin1', 0, 2) === '40',
	answer: (message) => (message.length === 1 && message[0] === 0x32 ? '3' : null),
	send: (_, name, body) => `42["m","${named(name, body)}"]`,
	count: (message) => (message[0] === 0x34 && message[1] === 0x32 ? 1 : 0),
	names: (message) => (socketio.count(message) === 1 ? [message.toString('latin1', 8, 30)] : [])
};

export const SPEECH: Readonly<Record<Dialect, Speech>> = { alcove, raw, socketio, channels: raw };
