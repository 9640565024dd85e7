/** Says whether something has a form. */
export type Guard = (value: unknown) => boolean;

export const matching =
	(pattern: RegExp): Guard =>
	(value) =>
		typeof value === 'string' && pattern.test(value);

export const integer =
	(least: number, most: number = Number.MAX_SAFE_INTEGER): Guard =>
	(value) =>
		typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;

export const number =
	(least: number, most: number): Guard =>
	(value) =>
		typeof value === 'number' && value >= least && value <= most;

export const text =
	(most: number, least = 1): Guard =>
	(value) =>
		typeof value === 'string' && value.length >= least && value.length <= most;

export const listOf =
	(item: Guard, least: number, most: number): Guard =>
	(value) =>
		Array.isArray(value) && value.length >= least && value.length <= most && value.every(item);

/** A record of these fields and no others. */
export const exactly =
	(shape: Readonly<Record<string, Guard>>): Guard =>
	(value) =>
		isRecord(value) &&
		Object.keys(value).length === Object.keys(shape).length &&
		Object.entries(shape).every(([key, guard]) => Object.hasOwn(value, key) && guard(value[key]));

export const nullOr =
	(guard: Guard): Guard =>
	(value) =>
		value === null || guard(value);

export const oneOf =
	(...values: readonly unknown[]): Guard =>
	(value) =>
		values.includes(value);

export const flag: Guard = (value) => typeof value === 'boolean';

/** One line of words. */
export const line = (most: number): Guard => {
	const fits = text(most);
	return (value) => fits(value) && !/\p{C}|^\s|\s$/u.test(value as string);
};

/** 128 random bits. */
export const id = matching(/^[A-Za-z0-9_-]{22}$/);

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
