import { historyError } from '#lib/history/open.ts';
import type { RoomRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { Clock } from '#lib/link/link.ts';
import { HistoryError } from '#lib/message/errors.ts';
import { fromBase64url, toBase64url, utf8 } from '#lib/seal/bytes.ts';
import { safetyNumber } from '#lib/seal/device.ts';
import { formatFragment, type Random, type RoomSecret } from '#lib/seal/keys.ts';
import { answersEvery } from './answers.ts';
import type { RoomApi } from './api-error.ts';
import type { RoomEngine } from './assist.ts';
import type { Draft } from './drafts.ts';
import { changeKey } from './lead.ts';
import { callsAssistant, mentioned } from './mentions.ts';
import { readWish, type Wish } from './outgoing.ts';
import { BOUNDS, isEmoji, isTitle, type MessageRef } from './payload.ts';
import { problemOf } from './problem.ts';
import { readRoom, type RoomReading } from './reading.ts';
import type { RoomLive } from './room-sync.ts';
import { blanked } from './rows.ts';
import { markSeen } from './seen.ts';
import { fitLine } from './talk.ts';
import { itemsOf, nameOf } from './view.ts';
import type { InviteLink, Role, RoomItem, RoomMember, RoomProblem, RoomState } from './words.ts';

export interface RoomEnvironment {
	/** Null when nobody is signed in. */
	store: Promise<RoomStore> | null;
	api: RoomApi;
	random: Random;
	clock: Clock;
	engine: RoomEngine;
	/** The address of a room's page, without the part after "#". */
	address(room: string): string;
	live(): RoomLive | undefined;
	/** Tells the others that the person here writes, or does not any more. */
	typing(on: boolean): void;
}

/** What the screen is made from, or why there is nothing. */
type View = { kind: 'loading' } | RoomReading | { kind: 'failed'; error: HistoryError };

/** How many things are shown at first, and how many more at each wish. */
const PAGE = 50;

/** Milliseconds between two words that the person is typing. */
const TYPING_EVERY = 3_000;

/** Bytes of a message, so that it fits into an event with all that stands around it. */
const MOST_BYTES = 40_000;

/** One room on the screen: shows what the history has of it, and puts what is said into the outbox. */
export class Room {
	readonly id: string;
	#view = $state.raw<View>({ kind: 'loading' });
	#problem = $state.raw<RoomProblem>({ kind: 'none' });
	#readUpTo = $state<number | null>(null);
	readonly #env: RoomEnvironment;
	readonly #items = $derived(this.#view.kind === 'here' ? itemsOf(this.#view.snapshot) : []);
	#limit = PAGE;
	#typed = -Infinity;
	#end: () => void = () => undefined;
	#closed = false;

	constructor(id: string, env: RoomEnvironment) {
		this.id = id;
		this.#env = env;
		void this.#follow();
	}

	get state(): RoomState {
		const view = this.#view;
		if (view.kind !== 'here') return view;
		const { row } = view.snapshot;
		if (row.ended !== null) return { kind: 'ended', why: row.ended };
		if (view.secrets.length === 0) return { kind: 'no-key' };
		if (row.rolledBack !== null) return { kind: 'rolled-back', here: row.cursor, server: row.rolledBack };
		if (!this.#secret) return { kind: 'locked' };
		return { kind: 'open', level: this.#env.live()?.level === true };
	}

	get title(): string | null {
		return this.#row?.title ?? null;
	}

	get access(): 'private' | 'open' {
		return this.#row?.access ?? 'private';
	}

	get role(): Role | null {
		return this.#row?.role ?? null;
	}

	get members(): RoomMember[] {
		const row = this.#row;
		if (!row) return [];
		const here = this.#env.live()?.here ?? [];
		const offers = Object.values(row.assistance.offers);
		const devices = Object.values(row.book.devices).filter(({ introduced }) => introduced >= 0);
		return row.members.map(({ account, name, role }) => ({
			...{ account, name, role, me: account === row.account },
			here: here.includes(account),
			devices: devices.filter((device) => device.account === account).length,
			offers: offers.flatMap((offer) => (offer.account === account ? [offer.model] : []))
		}));
	}

	get typing(): string[] {
		const row = this.#row;
		if (!row) return [];
		const others = (this.#env.live()?.typing ?? []).filter((account) => account !== row.account);
		return others.map((account) => nameOf(row, account));
	}

	get items(): RoomItem[] {
		return this.#items;
	}

	get hasOlder(): boolean {
		return this.#view.kind === 'here' && this.#view.snapshot.hasOlder;
	}

	/** The number up to which the person had read when the room was opened. */
	get readUpTo(): number {
		return this.#readUpTo ?? 0;
	}

	get unread(): number {
		return this.#row?.unread ?? 0;
	}

	get problem(): RoomProblem {
		return this.#problem;
	}

	/** @returns whether it was taken; it goes out when the server can be reached */
	async send(text: string, reply: MessageRef | null = null): Promise<boolean> {
		const id = toBase64url(this.#env.random(16));
		const members = this.#row?.members ?? [];
		const mentions = mentioned(text, members);
		if (!this.#checked(text)) return false;
		const asks = this.answersEvery || callsAssistant(text, members);
		const said: Wish = { t: 'message', id, text, reply, mentions };
		return this.#say(...(asks ? [said, { t: 'ask', id } as const] : [said]));
	}

	/** Whether the model answers every message, as an owner wishes. */
	get answersEvery(): boolean {
		const row = this.#row;
		if (!row) return false;
		const wish = this.#waiting('answers');
		return wish ? wish.every : answersEvery(row.assistance.wishes, row.members);
	}

	/** Has the model answer every message, or those that call it. Only an owner's word counts. */
	answerEvery(every: boolean): Promise<boolean> {
		return this.#say({ t: 'answers', every });
	}

	/** The model that this device offers to the room, if it does. */
	get offering(): string | undefined {
		const view = this.#view;
		if (view.kind !== 'here') return undefined;
		const offer = this.#waiting('offer');
		if (offer) return offer.model ?? undefined;
		return view.snapshot.row.assistance.offers[view.device]?.model;
	}

	/** Offers the model that is in use on this device to the room, until it is taken back. */
	async offer(): Promise<boolean> {
		const model = await this.#try(() => this.#env.engine.model());
		if (model !== undefined) return this.#say({ t: 'offer', model: fitLine(model) });
		if (this.#problem.kind === 'none') this.#problem = { kind: 'no-model' };
		return false;
	}

	endOffer(): Promise<boolean> {
		return this.#say({ t: 'offer', model: null });
	}

	/** Whether somebody who is here offers a model. */
	get isOffered(): boolean {
		return this.offering !== undefined || this.members.some(({ here, offers }) => here && offers.length > 0);
	}

	/** What is being written of an answer. */
	draft(ask: string): Draft | undefined {
		return this.#env.live()?.drafts[ask];
	}

	/** Ends an answer with what there is of it. */
	stop(ask: string): Promise<boolean> {
		return this.#say({ t: 'stop', ask });
	}

	/** Changes a message of one's own. */
	async edit({ id }: MessageRef, text: string): Promise<boolean> {
		return this.#checked(text) && this.#say({ t: 'edit', id, text });
	}

	/** Removes a message of one's own, for everybody. */
	remove({ id }: MessageRef): Promise<boolean> {
		return this.#say({ t: 'remove', id });
	}

	/** Gives a message an emoji, or takes it back. */
	async react(ref: MessageRef, emoji: string): Promise<boolean> {
		if (!isEmoji(emoji)) return false;
		const item = this.#items.find(
			(one) => 'ref' in one && one.ref.id === ref.id && one.ref.author === ref.author
		);
		const mine =
			item !== undefined &&
			'reactions' in item &&
			item.reactions.some((one) => one.emoji === emoji && one.mine);
		return this.#say({ t: 'react', author: ref.author, id: ref.id, emoji, on: !mine });
	}

	async rename(title: string): Promise<boolean> {
		const name = title.trim();
		if (isTitle(name)) return this.#say({ t: 'title', title: name });
		this.#problem = { kind: 'bad-title' };
		return false;
	}

	/** The person pressed a key. */
	typed(): void {
		const now = this.#env.clock.now();
		// a clock that was set back must not silence it
		if (Math.abs(now - this.#typed) < TYPING_EVERY) return;
		this.#typed = now;
		this.#env.typing(true);
	}

	/** Everything up to this number was on the screen. */
	async markSeen(seq: number): Promise<void> {
		if (seq <= (this.#row?.read ?? 0)) return;
		await this.#write((store) => markSeen(store, this.id, seq));
	}

	/** Shows more of what came before. */
	loadOlder(): void {
		const view = this.#view;
		// asked for once more before it came, it is still one page
		const came = view.kind === 'here' && view.snapshot.entries.length === this.#limit;
		if (!this.hasOlder || !came) return;
		this.#limit += PAGE;
		void this.#follow();
	}

	/**
	 * A link that lets somebody in. Without uses and life it is good for ten people and a week.
	 * @param life seconds
	 */
	invite(uses = 10, life = 604_800): Promise<InviteLink | undefined> {
		return this.#try(async () => {
			const secret = this.#secret;
			if (!secret) return void (this.#problem = { kind: 'no-key' });
			const open = this.access === 'open';
			const made = open ? null : await this.#env.api.invite(this.id, uses, life);
			const fragment = await formatFragment({ secret, invite: made?.code ?? null });
			const good = made && { uses: made.uses, until: made.expiresAt };
			return { url: `${this.#env.address(this.id)}#${fragment}`, good };
		});
	}

	endInvites(): Promise<boolean> {
		return this.#ask((api) => api.endInvites(this.id));
	}

	/** Takes somebody out, and has the key changed for those who stay. */
	removeMember(account: string): Promise<boolean> {
		return this.#ask(async (api) => {
			await api.remove(this.id, account);
			if (this.access === 'private') await this.#write((store) => changeKey(store, this.id, [account]));
		});
	}

	setRole(account: string, role: Role): Promise<boolean> {
		return this.#ask((api) => api.setRole(this.id, account, role));
	}

	leave(): Promise<boolean> {
		return this.#ask(async (api) => {
			const { account } = await this.#opened();
			await api.remove(this.id, account);
			await this.#write(async (store) => void (await store.patch(this.id, { ended: 'left' })));
		});
	}

	closeForAll(): Promise<boolean> {
		return this.#ask((api) => api.close(this.id));
	}

	/** Sixty digits to compare: of the key, and the devices that have it. */
	async safetyNumber(): Promise<string | undefined> {
		const secret = this.#secret;
		const row = this.#row;
		if (!secret || !row) return undefined;
		const holders = Object.entries(row.book.devices).filter(([, { has }]) => has === row.book.epoch);
		const ids = holders.map(([device]) => fromBase64url(device) ?? new Uint8Array());
		return safetyNumber(this.id, secret, ids);
	}

	/** Forgets what came from the server, and reads anew what it has. What was not sent stays. */
	async resync(): Promise<void> {
		await this.#write(async (store) => {
			const row = await store.room(this.id);
			if (!row) return;
			await store.clearEntries(this.id);
			await store.putRoom(blanked(row));
		});
	}

	dismiss(): void {
		this.#problem = { kind: 'none' };
	}

	close(): void {
		this.#closed = true;
		this.#end();
	}

	get #row(): RoomRow | undefined {
		return this.#view.kind === 'here' ? this.#view.snapshot.row : undefined;
	}

	/** The current epoch's: the log's last one, or that of a link, if nobody has spoken under it yet. */
	get #secret(): RoomSecret | undefined {
		const view = this.#view;
		if (view.kind !== 'here') return undefined;
		const last = view.secrets.at(-1);
		return last && last.epoch >= view.snapshot.row.book.epoch ? last : undefined;
	}

	async #opened(): Promise<RoomStore> {
		if (!this.#env.store) throw new HistoryError('missing', 'nobody is signed in');
		return this.#env.store;
	}

	async #follow(): Promise<void> {
		this.#end();
		try {
			if (!this.#env.store) return void (this.#view = { kind: 'missing' });
			const store = await this.#env.store;
			if (this.#closed) return;
			const limit = this.#limit;
			this.#end();
			this.#end = store
				.live(() => readRoom(store, this.id, limit))
				.subscribe(
					(view) => {
						this.#view = view;
						if (view.kind === 'here') this.#readUpTo ??= view.snapshot.row.read;
					},
					(error) => (this.#view = { kind: 'failed', error })
				);
		} catch (error) {
			this.#view = { kind: 'failed', error: historyError(error) };
		}
	}

	#checked(text: string): boolean {
		const bytes = utf8(JSON.stringify(text)).length;
		if (text.trim() === '') this.#problem = { kind: 'empty' };
		else if (text.length > BOUNDS.text || bytes > MOST_BYTES)
			this.#problem = { kind: 'too-long', length: text.length, limit: BOUNDS.text };
		else return true;
		return false;
	}

	#say(...ops: Wish[]): Promise<boolean> {
		return this.#write(async (store) => {
			for (const op of ops) await store.addToOutbox(this.id, op);
		});
	}

	/** The last of a kind that is said here and not on the server yet. */
	#waiting<T extends Wish['t']>(kind: T): Extract<Wish, { t: T }> | undefined {
		if (this.#view.kind !== 'here') return undefined;
		const wishes = this.#view.snapshot.waiting.map(({ op }) => readWish(op));
		return wishes.findLast((wish): wish is Extract<Wish, { t: T }> => wish?.t === kind);
	}

	/** One change of what is kept, all or nothing. @returns whether it was made */
	async #write(work: (store: RoomStore) => Promise<void>): Promise<boolean> {
		const done = await this.#try(async () => {
			const store = await this.#opened();
			await store.change(() => work(store));
			return true;
		});
		return done === true;
	}

	/** Something that the server has to do. @returns whether it did */
	async #ask(work: (api: RoomApi) => Promise<void>): Promise<boolean> {
		const done = await this.#try(async () => {
			await work(this.#env.api);
			return true;
		});
		return done === true;
	}

	async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
		this.#problem = { kind: 'none' };
		try {
			return await work();
		} catch (error) {
			this.#problem = problemOf(error);
			return undefined;
		}
	}
}
