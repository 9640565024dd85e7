import Dexie, { type DBCore, type DBCoreMutateRequest, type EntityTable, type Table } from 'dexie';
import type { Conversation, Draft, Id, Message } from '#lib/message/message.ts';
import type {
	EntryRow,
	FlightRow,
	IdentityRow,
	OutboxRow,
	RoomJobRow,
	RoomKeyRow,
	RoomRow
} from './rooms/rows.ts';

/** The schema this code writes. A change adds a version below and a migration; none is ever edited. */
export const SCHEMA_VERSION = 6;

/** One choice of the person's on this device. */
export interface Setting {
	key: string;
	value: unknown;
}

/** A message whose text search has not seen yet; null asks for all of them anew. */
export interface Change {
	at?: number;
	message: Id | null;
}

/** The tables of the history. Indexes are chosen so that no page ever reads a whole conversation. */
export class Database extends Dexie {
	declare readonly conversations: EntityTable<Conversation, 'id'>;
	declare readonly messages: EntityTable<Message, 'id'>;
	/** Apart from the messages, so that a growing answer wakes no query over them. */
	declare readonly drafts: Table<Draft, Id>;
	declare readonly settings: Table<Setting, string>;
	/** What was written to the messages and is not in the search index yet, in order. */
	declare readonly changes: Table<Change, number>;
	/** The search index: its segments, the ids of their messages by rows, and what terms they have by the last of a block. */
	declare readonly searchSegments: Table<{ id?: number; messages: number }, number>;
	declare readonly searchIds: Table<{ segment: number; row: number; ids: Uint8Array }, [number, number]>;
	declare readonly searchBlocks: Table<
		{ segment: number; last: string; bytes: Uint8Array },
		[number, string]
	>;
	/** Shared rooms, each account's apart: the rooms themselves, their keys, what was said, and what waits to be said. */
	declare readonly rooms: Table<RoomRow, [account: string, room: string]>;
	declare readonly roomKeys: Table<RoomKeyRow & { account: string }, [string, string, number]>;
	declare readonly roomDevices: Table<IdentityRow, string>;
	declare readonly roomEntries: Table<EntryRow, [string, string, number, number]>;
	declare readonly roomOutbox: Table<OutboxRow, [string, string, number]>;
	declare readonly roomFlights: Table<FlightRow, [account: string, room: string]>;
	/** Answers that this device writes for its rooms. */
	declare readonly roomJobs: Table<RoomJobRow, string>;

	constructor(name: string) {
		// live queries leave word of what they read in Dexie's cache of results, which the build leaves out
		super(name, { cache: 'disabled' });
		this.version(1).stores({
			conversations: 'id, updatedAt',
			messages: 'id, [conversation+depth], parent, state.kind',
			drafts: 'message',
			settings: 'key'
		});
		// deletedAt: only deleted messages have it, so that to erase them no other is read
		this.version(2).stores({ messages: 'id, [conversation+depth], parent, state.kind, deletedAt' });
		this.version(3)
			.stores({
				conversations: 'id, updatedAt, pinnedAt',
				changes: '++at'
			})
			.upgrade((transaction) => transaction.table<Change>('changes').add({ message: null }));
		this.version(4).stores({
			rooms: '[account+id], account',
			roomKeys: '[account+room+epoch]',
			roomDevices: 'account',
			roomEntries: '[account+room+seq+index], [account+room+ref]',
			roomOutbox: '[account+room+n]',
			roomFlights: '[account+room]'
		});
		this.version(5)
			.stores({ roomJobs: 'id' })
			.upgrade((transaction) =>
				transaction
					.table<RoomRow>('rooms')
					.toCollection()
					.modify({ assistance: { offers: {}, wishes: [], open: [] } })
			);
		// the tables of the index before are not named any more, and so removed
		this.version(6)
			.stores({ searchSegments: '++id', searchIds: '[segment+row]', searchBlocks: '[segment+last]' })
			.upgrade((transaction) => transaction.table<Change>('changes').add({ message: null }));
		this.use({ stack: 'dbcore', create: noteChanges });
	}
}

/** Notes, in the same transaction, each message whose text was written or deleted. */
function noteChanges(core: DBCore): DBCore {
	return {
		...core,
		transaction: (stores, mode, options) =>
			core.transaction(
				mode === 'readwrite' && stores.includes('messages') ? [...new Set([...stores, 'changes'])] : stores,
				mode,
				options
			),
		table(name) {
			const table = core.table(name);
			if (name !== 'messages') return table;
			return {
				...table,
				async mutate(request) {
					const result = await table.mutate(request);
					const values = changed(request).map((message) => ({ message }));
					if (values.length > 0)
						await core.table('changes').mutate({ type: 'add', trans: request.trans, values });
					return result;
				}
			};
		}
	};
}

function changed(request: DBCoreMutateRequest): Change['message'][] {
	if (request.type === 'deleteRange') return [null];
	if (request.type === 'delete') return request.keys as Id[];
	return (request.values as Message[]).flatMap(({ id, text }) => (text ? [id] : []));
}
