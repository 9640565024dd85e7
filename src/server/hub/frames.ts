import { LIMITS, type ServerFrame, type WireEvent, type WireId } from '#lib/wire/frames.ts';

/** A frame as text. All it may hold is ASCII. */
export function frameText(frame: ServerFrame): string {
	return JSON.stringify(frame);
}

/** By hand: an event has nothing in it that JSON would have to escape, and there are many of them. */
export function eventText({ seq, id, from, at, body }: WireEvent): string {
	return `{"seq":${seq},"id":"${id}","from":"${from}","at":${at},"body":"${body}"}`;
}

/** A run of events as frames, each within the bounds of a page. */
export function eventFrames(room: WireId, events: readonly WireEvent[]): { text: string; last: number }[] {
	const frames: { text: string; last: number }[] = [];
	let part: string[] = [];
	let chars = 0;
	let last = 0;
	const end = () => {
		if (part.length > 0)
			frames.push({ text: `{"t":"events","room":"${room}","events":[${part.join(',')}]}`, last });
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
