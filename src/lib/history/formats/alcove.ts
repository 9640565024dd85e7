/** This app's own format, strictly: docs/export.md. */
import type { Attachment } from '#lib/message/attachment.ts';
import type { Failure, Usage, Writer } from '#lib/message/message.ts';
import {
	type EndedState,
	type ExportedAnswer,
	type ExportedConversation,
	type ExportedMessage,
	type ExportedQuestion,
	type ExportedSetting,
	FORMAT,
	FORMAT_VERSION,
	type Imported,
	staysHere
} from './exported.ts';
import { ImportError } from './import-error.ts';
import {
	amount,
	exactly,
	type Fields,
	ownId as id,
	isRecord,
	listOf,
	oneOf,
	orNull,
	type Read,
	record,
	text,
	under,
	wrong
} from './reader.ts';
import { CONTEXT, DRAWN, SETUP, SUMMARY } from './setup.ts';

/** The fields of everything in the file, in the order in which they are written. */
export const USAGE: Fields<Usage> = {
	promptTokens: amount,
	completionTokens: amount,
	timeToFirstToken: amount,
	tokensPerSecond: amount
};
export const FAILURE: Fields<Failure> = { kind: text, detail: text };

type Told = NonNullable<Writer['summary']>;
const TOLD: { [K in Told['kind']]: Read<Told> } = {
	given: exactly<Extract<Told, { kind: 'given' }>>({ kind: oneOf('given'), text }) as Read<Told>,
	failed: exactly<Extract<Told, { kind: 'failed' }>>({ kind: oneOf('failed'), detail: text }) as Read<Told>
};
const told: Read<Told> = (value, at) =>
	TOLD[oneOf('given', 'failed')(record(value, at)['kind'], under(at, 'kind'))](value, at);
told.inOrder = (row) => TOLD[row.kind].inOrder?.(row) ?? row;

export const WRITER: Fields<Writer> = {
	model: text,
	engine: text,
	device: { optional: oneOf('gpu', 'cpu', 'browser') },
	instructions: { optional: text },
	sampling: { optional: exactly(DRAWN) },
	from: { optional: id },
	summary: { optional: told },
	context: { optional: exactly(CONTEXT) }
};

type Ended<K extends EndedState['kind']> = Extract<EndedState, { kind: K }>;
export const STATES: { [K in EndedState['kind']]: Fields<Ended<K>> } = {
	done: { kind: oneOf('done'), at: amount, usage: exactly(USAGE), reason: oneOf('end', 'length') },
	stopped: { kind: oneOf('stopped'), at: amount },
	failed: { kind: oneOf('failed'), at: amount, failure: exactly(FAILURE) }
};
const READ_STATE: { [K in EndedState['kind']]: Read<EndedState> } = {
	done: exactly(STATES.done),
	stopped: exactly(STATES.stopped),
	failed: exactly(STATES.failed)
};

const state: Read<EndedState> = (value, at) => {
	const kind = oneOf('done', 'stopped', 'failed')(record(value, at)['kind'], under(at, 'kind'));
	return READ_STATE[kind](value, at);
};

export const ATTACHMENT: Fields<Attachment> = {
	name: text,
	type: text,
	text,
	part: { optional: oneOf('first', 'passages') }
};

export const QUESTION: Fields<ExportedQuestion> = {
	id,
	parent: orNull(id),
	createdAt: amount,
	role: oneOf('user'),
	text,
	attachments: { optional: listOf(exactly(ATTACHMENT)) },
	summary: { optional: exactly(SUMMARY) }
};

export const ANSWER: Fields<ExportedAnswer> = {
	id,
	parent: orNull(id),
	createdAt: amount,
	role: oneOf('assistant'),
	text,
	state,
	writer: { optional: exactly(WRITER) },
	summary: { optional: exactly(SUMMARY) }
};

const message: Read<ExportedMessage> = (value, at) => {
	const role = oneOf('user', 'assistant')(record(value, at)['role'], under(at, 'role'));
	return role === 'user' ? exactly(QUESTION)(value, at) : exactly(ANSWER)(value, at);
};

export const CONVERSATION: Fields<ExportedConversation> = {
	id,
	title: text,
	createdAt: amount,
	updatedAt: amount,
	leaf: orNull(id),
	pinnedAt: { optional: amount },
	setup: { optional: exactly(SETUP) },
	messages: listOf(message)
};

/** One conversation; its ids are its own, every parent stands before its children, and the leaf is there. */
const conversation: Read<ExportedConversation> = (value, at) => {
	const found = exactly(CONVERSATION)(value, at);
	const seen = new Set<string>();
	for (const [index, { id: own, parent }] of found.messages.entries()) {
		const place = `${at}.messages[${index}]`;
		if (seen.has(own)) wrong(`${place}.id`, 'an id that no earlier message has', own);
		if (parent !== null && !seen.has(parent))
			wrong(`${place}.parent`, 'the id of an earlier message', parent);
		seen.add(own);
	}
	if (found.leaf === null ? seen.size > 0 : !seen.has(found.leaf))
		wrong(`${at}.leaf`, 'the id of one of its messages', found.leaf);
	return found;
};

const setting: Read<ExportedSetting> = (value, at) => {
	const found = record(value, at);
	for (const name of Object.keys(found))
		if (name !== 'key' && name !== 'value') wrong(under(at, name), 'no such field', found[name]);
	const key = text(found['key'], under(at, 'key'));
	if (key === '' || staysHere(key)) wrong(under(at, 'key'), 'a setting that can move', key);
	if (!('value' in found)) wrong(under(at, 'value'), 'any value', undefined);
	return { key, value: found['value'] };
};

/** Whether a file says that it is of this format, in whatever version. */
export function isAlcove(value: unknown): boolean {
	return isRecord(value) && value['format'] === FORMAT;
}

/** @throws ImportError newer, wrong */
export function readAlcove(value: unknown): Imported {
	const version = amount(record(value, '')['version'], 'version');
	if (version > FORMAT_VERSION) throw new ImportError({ kind: 'newer', version, known: FORMAT_VERSION });
	if (version !== FORMAT_VERSION) wrong('version', String(FORMAT_VERSION), version);
	const file = exactly<{
		format: string;
		version: number;
		settings: ExportedSetting[];
		conversations: ExportedConversation[];
	}>({ format: text, version: amount, settings: listOf(setting), conversations: listOf(conversation) })(
		value,
		''
	);
	unique(file.conversations);
	return { source: 'alcove', conversations: file.conversations, settings: file.settings, leftOut: 0 };
}

/** No conversation stands in the file twice. @throws ImportError wrong */
export function unique(conversations: ExportedConversation[]): void {
	const seen = new Set<string>();
	for (const [index, { id: own }] of conversations.entries()) {
		if (seen.has(own)) wrong(`conversations[${index}].id`, 'an id that no earlier conversation has', own);
		seen.add(own);
	}
}
