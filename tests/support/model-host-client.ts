/** What the tests in the browser say to the model host. */

/** What goes wrong with the next `times` requests for a file; `at` counts bytes of the answer's body. */
export type Fault = { file: string; times?: number } & (
	| { kind: 'status'; status: number; retryAfter?: string }
	| { kind: 'html' | 'disguised' | 'redirect' | 'loop' | 'hang' | 'no-range' | 'other-version' }
	/** `kill` ends the whole host after so many bytes; it is back a moment later. Of a mortal host alone. */
	| { kind: 'cut' | 'stall' | 'short' | 'flip' | 'kill'; at: number }
	/** Pieces of so many bytes, one every few milliseconds: 5 unless told. */
	| { kind: 'slow'; at: number; every?: number }
);

/** The requests of a room in order, with what was done to them. */
export type RoomLog = { name: string; range: string | null; fault: Fault['kind'] | null }[];

export interface HostRoom {
	/** Base URL, to be taken for a model host. */
	url: string;
	order(...faults: Fault[]): Promise<void>;
	log(): Promise<RoomLog>;
}

/** A room of the host that no other test uses. @param kind a mortal one may be killed, and other rooms with it */
export async function takeRoom(kind: 'model-host' | 'mortal-host' = 'model-host'): Promise<HostRoom> {
	const host = await (await fetch(`/__${kind}`)).text();
	const url = new URL(`${crypto.randomUUID()}/`, host).href;
	return {
		url,
		async order(...faults) {
			await fetch(`${url}!faults`, { method: 'POST', body: JSON.stringify(faults) });
		},
		async log() {
			return (await (await fetch(`${url}!log`)).json()) as RoomLog;
		}
	};
}
