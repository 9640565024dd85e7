import { LIMITS, type ServerFrame, type WireEvent, type WireId } from '#lib/wire/frames.ts';

/** A frame as text. All it may hold is ASCII. */
export function frameText(frame: ServerFrame): string {
	return JSON.stringify(frame);
}

/** A message as it goes over the line (RFC 6455, 5.2): one frame of text, unmasked. All it may hold is ASCII. */
export function messageOf(text: string): Buffer {
	const { length } = text;
	const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
	const bytes = Buffer.allocUnsafe(header + length);
	bytes[0] = 0x81;
	bytes[1] = header === 2 ? length : header === 4 ? 126 : 127;
	if (header === 4) bytes.writeUInt16BE(length, 2);
	if (header === 10) bytes.writeBigUInt64BE(BigInt(length), 2);
	bytes.write(text, header, 'latin1');
	return bytes;
}

/** A frame that several connections get: it is written once for all of them. */
export class SharedFrame {
	readonly text: string;
	#message: Buffer | null = null;

	constructor(text: string) {
		this.text = text;
	}

	/** In characters, which are bytes. */
	get length(): number {
		return this.text.length;
	}

	/** The message that holds nothing else. */
	get message(): Buffer {
		return (this.#message ??= messageOf(`[${this.text}]`));
	}
}

/** By hand: an event has nothing in it that JSON would have to escape, and there are many of them. */
export function eventText({ seq, id, from, at, body }: WireEvent): string {
	return `{"seq":${seq},"id":"${id}","from":"${from}","at":${at},"body":"${body}"}`;
}

/** A run of events as frames, each within the bounds of a page; `last` is the number that it ends with. */
export function eventFrames(
	room: WireId,
	events: readonly WireEvent[]
): { frame: SharedFrame; last: number }[] {
	const frames: { frame: SharedFrame; last: number }[] = [];
	let part: string[] = [];
	let chars = 0;
	let last = 0;
	const end = () => {
		if (part.length > 0) {
			const text = `{"t":"events","room":"${room}","events":[${part.join(',')}]}`;
			frames.push({ frame: new SharedFrame(text), last });
		}
		part = [];
		chars = 0;
	};
	for (const event of events) {
		if (part.length === LIMITS.pageEvents || chars + event.body.length > LIMITS.pageChars) end();
		part.push(eventText(event));
		chars += event.body.length;
		last = event.seq;
	}
	end();
	return frames;
}
