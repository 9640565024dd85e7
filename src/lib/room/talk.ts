import type { EntryRow, Made, RoomJobRow, RoomRow, TalkLine } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import { utf8 } from '#lib/seal/bytes.ts';
import { BOUNDS, type Op } from './payload.ts';
import { nameOf } from './view.ts';

/** How far back the model may be given the talk: its window decides how much of this it is. */
const MOST_LINES = 200;
const MOST_UNITS = 100_000;

/** Bytes of an answer's text as JSON, so that it fits into an event with all that stands around it. */
const MOST_BYTES = 38_000;

/** The room's talk up to the message that asks, which is last. What was deleted is not in it; what was edited is as it reads now. */
export async function talkBefore(
	store: RoomStore,
	row: RoomRow,
	{ seq, index, ref }: Extract<EntryRow, { kind: 'answer' }>
): Promise<TalkLine[]> {
	const entries = await store.entriesBefore(row.id, seq, index, MOST_LINES);
	const id = ref.slice(ref.indexOf(':'));
	const asks = (entry: EntryRow) => entry.kind === 'message' && entry.ref.endsWith(id);
	const lines = [...entries.filter((entry) => !asks(entry)), ...entries.filter(asks)].flatMap((entry) =>
		lineOf(row, entry)
	);
	let left = MOST_UNITS;
	const first = lines.findLastIndex(({ text }) => (left -= text.length) < 0);
	return lines.slice(Math.min(first + 1, Math.max(0, lines.length - 1)));
}

function lineOf(row: RoomRow, entry: EntryRow): TalkLine[] {
	if (entry.kind === 'message') return [{ name: nameOf(row, entry.author) || 'Somebody', text: entry.text }];
	return entry.kind === 'answer' && entry.text !== '' ? [{ name: null, text: entry.text }] : [];
}

/** A finished answer as it is said to the room. One that is longer than an event holds is cut, and says so. */
export function answerOf({ id: claim, ask, text }: RoomJobRow, made: Made): Op & { t: 'answer' } {
	let end = Math.min(text.length, BOUNDS.answer);
	while (utf8(JSON.stringify(text.slice(0, end))).length > MOST_BYTES) end = Math.floor(end * 0.9);
	const ending = end < text.length && made.ending !== 'failed' ? 'length' : made.ending;
	const failure = made.failure && {
		kind: made.failure.kind.slice(0, BOUNDS.word) || 'unknown',
		detail: made.failure.detail.slice(0, BOUNDS.detail)
	};
	const told = { ...made, ending, failure, model: fitLine(made.model) };
	return { t: 'answer', ask, claim, text: text.slice(0, end), made: told };
}

/** A model's name as one line that others take. */
export function fitLine(name: string): string {
	return name.replace(/\p{C}/gu, ' ').trim().slice(0, BOUNDS.model).trim() || '?';
}
