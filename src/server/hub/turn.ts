import type { Outlet } from './outlet.ts';

/** Something that has frames to hand out at the end of a turn. */
export interface Gathering {
	handOut(): void;
}

/** Gathers what one turn of the event loop brings: rooms hand out to outlets, then outlets send. */
export class Turn {
	#rooms = new Set<Gathering>();
	#outlets = new Set<Outlet>();
	#scheduled = false;

	/** What is on disk goes out as soon as all is told that came to disk with it: nothing more of a turn joins it. */
	gather(room: Gathering): void {
		if (this.#rooms.size === 0) process.nextTick(() => this.#rooms.size > 0 && this.flush());
		this.#rooms.add(room);
	}

	readonly send = (outlet: Outlet): void => {
		this.#outlets.add(outlet);
		this.#schedule();
	};

	/** Sends what there is without waiting for the turn's end. */
	flush(): void {
		this.#scheduled = false;
		const rooms = this.#rooms;
		this.#rooms = new Set();
		for (const room of rooms) room.handOut();
		const outlets = this.#outlets;
		this.#outlets = new Set();
		for (const outlet of outlets) outlet.flush();
	}

	#schedule(): void {
		if (this.#scheduled) return;
		this.#scheduled = true;
		setImmediate(() => {
			if (this.#scheduled) this.flush();
		});
	}
}
