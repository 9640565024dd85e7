/** What the tests in the browser say to the host of sync servers. */

export type SyncOrder =
	| { do: 'kill' }
	| { do: 'start' }
	| { do: 'weather'; weather: 'fair' | 'silent' | 'down' }
	| { do: 'delay'; milliseconds: number }
	| { do: 'cut' }
	/** `haste`: how much faster than the world; 50 ms to 30 s of each weather, and no kinder than that */
	| { do: 'flap'; seed: number; haste?: number }
	| ({ do: 'note' } & Noted)
	| { do: 'settle' }
	| { do: 'events'; room: string }
	| { do: 'search'; texts: string[] }
	| { do: 'remove' };

/** What a scenario came to, for the report's table. */
export interface Noted {
	scenario: string;
	runs: number;
	acknowledged: number;
	lost: number;
	doubled: number;
	disordered: number;
}

/** An event on the server's disk. */
export interface StoredEvent {
	seq: number;
	from: string;
	id: string;
	body: string;
}

export interface SyncServer {
	/** Its origin, behind the network that a test makes bad. */
	url: string;
	order(order: SyncOrder): Promise<unknown>;
	events(room: string): Promise<StoredEvent[]>;
	/** Which of these texts can be read in its files and its log. */
	search(texts: string[]): Promise<string[]>;
}

/** A sync server that no other test uses. */
export async function takeSyncServer(): Promise<SyncServer> {
	const answer = await fetch('/__sync', { method: 'POST' });
	if (!answer.ok) throw new Error(await answer.text());
	const { name, url } = (await answer.json()) as { name: number; url: string };
	const order = async (what: SyncOrder): Promise<unknown> => {
		const told = await fetch(`/__sync/${name}`, { method: 'POST', body: JSON.stringify(what) });
		if (!told.ok) throw new Error(await told.text());
		return told.json();
	};
	return {
		url,
		order,
		events: async (room) => (await order({ do: 'events', room })) as StoredEvent[],
		search: async (texts) => (await order({ do: 'search', texts })) as string[]
	};
}
