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

	gather(room: Gathering): void {
		this.#rooms.add(room);
		this.#schedule();
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
