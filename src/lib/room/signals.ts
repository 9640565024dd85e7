import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { Link } from '#lib/link/link.ts';
import { toBase64url } from '#lib/seal/bytes.ts';
import type { Device } from '#lib/seal/device.ts';
import type { Random } from '#lib/seal/keys.ts';
import { NO_LINK, seal } from '#lib/seal/seal.ts';
import type { ServerFrame } from '#lib/wire/frames.ts';
import type { Judge } from './judge.ts';
import { readSignal, type ReadSignal, type Signal, writeSignal } from './payload.ts';

type SignalFrame = Extract<ServerFrame, { t: 'signal' }>;

/** A signal that was opened, with the device that signed it. */
export interface HeardSignal {
	from: string;
	device: string;
	signal: ReadSignal;
}

export interface SignalEnvironment {
	store: RoomStore;
	link: Link;
	device: Device;
	random: Random;
	report(error: unknown): void;
	/** Whose keys open and close what is said now; null as long as nobody knows. */
	judge(): Judge | null;
	/** Whether all that the server has is here, and who has the room open. */
	now(): { level: boolean; here: readonly string[] };
	/** Something came that is newer than what came before from there. */
	heard(signal: HeardSignal): void;
}

/** What is said in a room and not kept: sealed and signed like what is kept, numbered by its connection. */
export class Signals {
	readonly #room: string;
	readonly #env: SignalEnvironment;
	#said = 0;
	/** The last number of each connection. */
	readonly #last = new Map<string, number>();
	#telling: Promise<void> = Promise.resolve();
	#hearing: Promise<void> = Promise.resolve();

	constructor(room: string, env: SignalEnvironment) {
		this.#room = room;
		this.#env = env;
	}

	/** A new connection counts anew. */
	forget(): void {
		this.#said = 0;
		this.#last.clear();
	}

	/** Says something to the others, after what was said before: numbers only grow (G2). */
	tell(signal: Signal): void {
		this.#telling = this.#telling.then(() => this.#say(signal)).catch(this.#env.report);
	}

	/** Opens what somebody said, one after the other. */
	receive(frame: SignalFrame): void {
		this.#hearing = this.#hearing.then(() => this.#hear(frame)).catch(this.#env.report);
	}

	async #say(signal: Signal): Promise<void> {
		const { link, store, device, random } = this.#env;
		const { state } = link;
		const [judge, { level, here }] = [this.#env.judge(), this.#env.now()];
		if (state.kind !== 'on' || !judge?.key || judge.isNew || !level) return;
		// the person's other devices are the same account
		const alone = here.every((account) => account === store.account);
		if (alone && signal.t === 'typing') return;
		const n = ++this.#said;
		const place = {
			kind: 'signal',
			room: this.#room,
			author: store.account,
			id: `${state.connection}.${n}`
		} as const;
		const { envelope } = await seal(writeSignal(signal), place, judge.key, device, NO_LINK, random);
		link.offer({ t: 'signal', room: this.#room, n, body: toBase64url(envelope) });
	}

	async #hear({ from, connection, n, body }: SignalFrame): Promise<void> {
		const isOld = () => n <= (this.#last.get(connection) ?? 0);
		if (isOld()) return;
		const place = { kind: 'signal', room: this.#room, author: from, id: `${connection}.${n}` } as const;
		const whispered = await this.#env.judge()?.whisper(place, body);
		if (!whispered) return;
		const signal = readSignal(whispered.bytes);
		if (!signal.ok || isOld()) return;
		this.#last.set(connection, n);
		this.#env.heard({ from, device: whispered.device, signal: signal.value });
	}
}
