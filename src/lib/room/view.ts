import type { EntryRow, OutboxRow, RoomRow } from '#lib/history/rooms/rows.ts';
import { advance, ASSISTANT } from './answers.ts';
import { reacted } from './fold.ts';
import { readWish } from './outgoing.ts';
import { type MessageRef, type Op, refOf } from './payload.ts';
import type {
	AnswerItem,
	AnswerStanding,
	Delivery,
	MessageItem,
	Reaction,
	RoomItem,
	RoomNotice
} from './words.ts';

/** What a room's screen is made from, read in one piece. */
export interface RoomSnapshot {
	row: RoomRow;
	/** The last ones, oldest first. */
	entries: EntryRow[];
	/** Whether there is more before them. */
	hasOlder: boolean;
	/** The messages that others answer and that are further up. */
	quoted: EntryRow[];
	waiting: OutboxRow[];
}

type MessageRow = Extract<EntryRow, { kind: 'message' }>;
type AnswerRow = Extract<EntryRow, { kind: 'answer' }>;

/** A name for an account: the server's, or what its own device said, or nothing. */
export function nameOf({ members, book }: Pick<RoomRow, 'members' | 'book'>, account: string): string {
	const member = members.find((one) => one.account === account);
	const device = Object.values(book.devices).find((one) => one.account === account && one.name !== '');
	return member?.name ?? device?.name ?? '';
}

/** What the screen shows: what the log says, and what waits here as if it were said already. */
export function itemsOf({ row, entries, quoted, waiting }: RoomSnapshot): RoomItem[] {
	const rows = new Map<string, EntryRow>();
	for (const entry of [...quoted, ...entries]) if ('ref' in entry) rows.set(entry.ref, entry);
	const shown: Showable[] = entries.map((entry) => ({ entry, pending: false }));
	for (const { at, n, op } of waiting) {
		const wish = readWish(op);
		if (wish) anticipate(row, rows, shown, wish as Op, { at, n });
	}
	return merged(shown.map((one) => itemOf(row, rows, one)));
}

interface Showable {
	entry: EntryRow;
	pending: boolean;
}

/** Does what waits, to rows that nobody keeps. */
function anticipate(
	row: RoomRow,
	rows: Map<string, EntryRow>,
	shown: Showable[],
	op: Op,
	{ at, n }: { at: number; n: number }
): void {
	const { account } = row;
	if (op.t === 'message') {
		const base = { account, room: row.id, seq: 0, index: n, at, author: account };
		const ref = refOf({ author: account, id: op.id });
		const { text, mentions } = op;
		const reply = op.reply && refOf(op.reply);
		const entry: EntryRow = {
			...base,
			...{ kind: 'message', ref, text, mentions, reply, edited: false, reactions: {} }
		};
		rows.set(ref, entry);
		shown.push({ entry, pending: true });
	}
	if (op.t !== 'edit' && op.t !== 'remove' && op.t !== 'react' && op.t !== 'stop') return;
	const ref = refOf(
		op.t === 'stop'
			? { author: ASSISTANT, id: op.ask }
			: op.t === 'react'
				? op
				: { author: account, id: op.id }
	);
	const target = shown.find(({ entry }) => 'ref' in entry && entry.ref === ref);
	if (target?.entry.kind === 'answer') target.entry = answerChanged(target.entry, account, op);
	if (target?.entry.kind !== 'message' || op.t === 'stop') return;
	target.entry = changed(target.entry, account, op);
	rows.set(ref, target.entry);
}

function changed(entry: MessageRow, me: string, op: Op & { t: 'edit' | 'remove' | 'react' }): EntryRow {
	if (op.t === 'edit') return { ...entry, text: op.text, edited: true };
	if (op.t === 'react') return { ...entry, reactions: reacted(entry.reactions, me, op) ?? entry.reactions };
	const { account, room, seq, index, at, author, ref } = entry;
	return { account, room, seq, index, at, author, kind: 'removed', ref };
}

function answerChanged(entry: AnswerRow, account: string, op: Op): AnswerRow {
	if (op.t === 'react')
		return { ...entry, reactions: reacted(entry.reactions, account, op) ?? entry.reactions };
	const job = op.t === 'stop' && advance(entry.job, op, { account, device: '', offers: false });
	return job ? { ...entry, job } : entry;
}

function itemOf(row: RoomRow, rows: ReadonlyMap<string, EntryRow>, { entry, pending }: Showable): RoomItem {
	const { at, author } = entry;
	const seq = pending ? null : entry.seq;
	const name = nameOf(row, author);
	const mine = author === row.account;
	const key = 'ref' in entry ? entry.ref : `${entry.seq}.${entry.index}`;
	switch (entry.kind) {
		case 'message':
			return messageItem(row, rows, entry, { key, at, seq, name, mine });
		case 'answer':
			return answerItem(row, entry, key);
		case 'removed':
			return { kind: 'removed', key, at, author, name, mine, seq };
		case 'notice':
			return { kind: 'notice', key, at, seq, notice: noticeOf(row, entry, name) };
		case 'refused':
			return { kind: 'refused', key, at, seq: entry.seq, author, name, why: entry.why };
		case 'unreadable':
			return { kind: 'unreadable', key, at, seq: entry.seq, count: 1 };
		case 'unknown':
			return { kind: 'unknown', key, at, seq: entry.seq, author, name };
		case 'erased':
			return { kind: 'erased', key, at, seq: entry.seq };
	}
}

function messageItem(
	row: RoomRow,
	rows: ReadonlyMap<string, EntryRow>,
	entry: MessageRow,
	base: Pick<MessageItem, 'key' | 'at' | 'seq' | 'name' | 'mine'>
): MessageItem {
	const { author, text, edited, mentions } = entry;
	const quoted = entry.reply === null ? undefined : rows.get(entry.reply);
	const ref = entry.reply === null ? null : toRef(entry.reply);
	return {
		...base,
		...{ kind: 'message', ref: toRef(entry.ref), author, text, edited },
		delivery: deliveryOf(row, base.seq, author),
		reply: ref && {
			ref,
			name: ref.author === ASSISTANT ? null : nameOf(row, ref.author),
			text: quoted?.kind === 'message' || quoted?.kind === 'answer' ? quoted.text : null
		},
		reactions: reactionsOf(row, entry),
		mentionsMe: mentions.includes(row.account)
	};
}

function answerItem(row: RoomRow, { ref, ...entry }: AnswerRow, key: string): AnswerItem {
	const { at, seq, text, job } = entry;
	const { account } = row;
	return {
		...{ kind: 'answer', key, at, seq, text, ref: toRef(ref), ask: toRef(ref).id },
		standing: standingOf(row, entry),
		mayStop: job.state === 'open' && (job.asker === account || job.claim?.account === account),
		reactions: reactionsOf(row, entry)
	};
}

function standingOf(row: RoomRow, { job, made }: Pick<AnswerRow, 'job' | 'made'>): AnswerStanding {
	const { claim } = job;
	const host = claim && {
		account: claim.account,
		name: nameOf(row, claim.account),
		mine: claim.account === row.account
	};
	if (job.state === 'over') return host && made ? { kind: 'over', host, made } : { kind: 'none' };
	if (job.state === 'stopping') return { kind: 'stopping', host };
	return host ? { kind: 'writing', host } : { kind: 'waiting' };
}

function reactionsOf(row: RoomRow, { reactions }: Pick<MessageRow, 'reactions'>): Reaction[] {
	return Object.entries(reactions).map(([emoji, by]) => ({ emoji, by, mine: by.includes(row.account) }));
}

function deliveryOf({ book }: RoomRow, seq: number | null, author: string): Delivery {
	if (seq === null) return { kind: 'pending' };
	const by = Object.entries(book.seen).flatMap(([account, seen]) =>
		seen >= seq && account !== author ? [account] : []
	);
	return by.length > 0 ? { kind: 'seen', by } : { kind: 'sent' };
}

function noticeOf(row: RoomRow, { notice, author }: EntryRow & { kind: 'notice' }, name: string): RoomNotice {
	switch (notice.t) {
		case 'joined':
		case 'device':
			return { kind: notice.t, name, account: author };
		case 'renamed':
			return { kind: 'renamed', name, title: notice.title };
		case 'key-changed':
			return { kind: 'key-changed', name, removed: notice.gone.map((account) => nameOf(row, account)) };
		case 'gap':
			return { kind: 'gap', name, count: notice.count };
	}
}

function toRef(ref: string): MessageRef {
	const [author = '', id = ''] = ref.split(':');
	return { author, id };
}

/** Things that cannot be read stand as one. */
function merged(items: readonly RoomItem[]): RoomItem[] {
	const all: RoomItem[] = [];
	for (const item of items) {
		const last = all.at(-1);
		if (item.kind === 'unreadable' && last?.kind === 'unreadable')
			all[all.length - 1] = { ...last, count: last.count + 1 };
		else all.push(item);
	}
	return all;
}
