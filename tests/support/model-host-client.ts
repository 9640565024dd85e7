/** What the tests in the browser say to the model host. */

/** What goes wrong with the next `times` requests for a file; `at` counts bytes of the answer's body. */
export type Fault = { file: string; times?: number } & (
	| { kind: 'status'; status: number; retryAfter?: string }
	| { kind: 'html' | 'disguised' | 'redirect' | 'hang' | 'no-range' | 'other-version' }
	| { kind: 'cut' | 'stall' | 'short' | 'flip' | 'slow'; at: number }
);

/** The requests of a room in order, with what was done to them. */
export type RoomLog = { name: string; range: string | null; fault: Fault['kind'] | null }[];

export interface HostRoom {
	/** Base URL, to be taken for a model host. */
	url: string;
	order(...faults: Fault[]): Promise<void>;
	log(): Promise<RoomLog>;
}

/** A room of the host that no other test uses. */
export async function takeRoom(): Promise<HostRoom> {
	const host = await (await fetch('/__model-host')).text();
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
