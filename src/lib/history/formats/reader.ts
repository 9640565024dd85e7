/** Readers: unknown → type, or an ImportError that says where in the file what was expected. */
import { ImportError } from './import-error.ts';

/** Reads one value; `at` is its place, as "conversations[3].title". @throws ImportError wrong */
export interface Read<T> {
	(value: unknown, at: string): T;
	/** Of an object's reader: its fields in their order, and none but these. */
	inOrder?(row: T): T;
}

/** A field that may be absent. */
export interface Optional<T> {
	optional: Read<T>;
}

/** A reader for every field of T: a field that is added to T and forgotten here stops the type check. */
export type Fields<T> = {
	[K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Optional<NonNullable<T[K]>> : Read<T[K]>;
};

/** @throws ImportError wrong, always */
export function wrong(at: string, expected: string, value: unknown): never {
	throw new ImportError({ kind: 'wrong', at: at || '(file)', expected, got: described(value) });
}

function described(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'object' && value !== null) return 'an object';
	const text = JSON.stringify(value) ?? typeof value;
	return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const record: Read<Record<string, unknown>> = (value, at) =>
	isRecord(value) ? value : wrong(at, 'an object', value);

export const text: Read<string> = (value, at) =>
	typeof value === 'string' ? value : wrong(at, 'a text', value);

export const amount: Read<number> = (value, at) =>
	typeof value === 'number' && Number.isFinite(value) && value >= 0
		? value
		: wrong(at, 'a number from 0', value);

/** An id of another app, as it may stand in a link. */
export const id: Read<string> = (value, at) =>
	typeof value === 'string' && /^[\w-]{1,200}$/.test(value)
		? value
		: wrong(at, 'an id of at most 200 letters, digits, - and _', value);

/** An id of this app's: a message taken over from another has its conversation's and its own, with a dot. */
export const ownId: Read<string> = (value, at) =>
	typeof value === 'string' && /^[\w.-]{1,401}$/.test(value)
		? value
		: wrong(at, 'an id of at most 401 letters, digits, -, _ and .', value);

export function oneOf<T extends string>(...words: T[]): Read<T> {
	return (value, at) =>
		words.find((word) => word === value) ?? wrong(at, words.map((word) => `"${word}"`).join(' or '), value);
}

export function orNull<T>(read: Read<T>): Read<T | null> {
	return (value, at) => (value === null ? null : read(value, at));
}

export function listOf<T>(read: Read<T>): Read<T[]> {
	const list: Read<T[]> = (value, at) =>
		Array.isArray(value)
			? value.map((item: unknown, index) => read(item, `${at}[${index}]`))
			: wrong(at, 'a list', value);
	list.inOrder = (rows) => rows.map((row) => (read.inOrder ? read.inOrder(row) : row));
	return list;
}

/** An object of exactly these fields: one that nobody knows is refused, since it would be lost. */
export function exactly<T extends object>(fields: Fields<T>): Read<T> {
	const read: Read<T> = (value, at) => {
		const source = record(value, at);
		for (const name of Object.keys(source))
			if (!(name in fields)) wrong(under(at, name), 'no such field', source[name]);
		const result: Record<string, unknown> = {};
		for (const [name, field] of Object.entries<Read<unknown> | Optional<unknown>>(fields)) {
			const inner = source[name];
			if (typeof field === 'function') result[name] = field(inner, under(at, name));
			else if (inner !== undefined) result[name] = field.optional(inner, under(at, name));
		}
		return result as T;
	};
	read.inOrder = (row) => inOrder(fields, row);
	return read;
}

/**
 * The fields of `row` in the order of their readers, at every level, so that the same row is always the same
 * text; a field without a reader is not among them.
 */
export function inOrder<T extends object>(fields: Fields<T>, row: T): T {
	const result: Record<string, unknown> = {};
	const source = row as Record<string, unknown>;
	for (const [name, field] of Object.entries<Read<unknown> | Optional<unknown>>(fields)) {
		const value = source[name];
		if (value === undefined) continue;
		const read = typeof field === 'function' ? field : field.optional;
		result[name] = read.inOrder ? read.inOrder(value) : value;
	}
	return result as T;
}

export function under(at: string, name: string): string {
	return at === '' ? name : `${at}.${name}`;
}
