import Dexie, { type EntityTable, type Table } from 'dexie';
import type { Conversation, Draft, Id, Message } from '#lib/message/message.ts';

/** The schema this code writes. A change adds a version below and a migration; none is ever edited. */
export const SCHEMA_VERSION = 2;

/** One choice of the person's on this device. */
export interface Setting {
	key: string;
	value: unknown;
}

/** The tables of the history. Indexes are chosen so that no page ever reads a whole conversation. */
export class Database extends Dexie {
	declare readonly conversations: EntityTable<Conversation, 'id'>;
	declare readonly messages: EntityTable<Message, 'id'>;
	/** Apart from the messages, so that a growing answer wakes no query over them. */
	declare readonly drafts: Table<Draft, Id>;
	declare readonly settings: Table<Setting, string>;

	constructor(name: string) {
		super(name);
		this.version(1).stores({
			conversations: 'id, updatedAt',
			messages: 'id, [conversation+depth], parent, state.kind',
			drafts: 'message',
			settings: 'key'
		});
		// deletedAt: only deleted messages have it, so that to erase them no other is read
		this.version(2).stores({ messages: 'id, [conversation+depth], parent, state.kind, deletedAt' });
	}
}
