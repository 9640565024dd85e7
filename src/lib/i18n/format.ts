/** Numbers and dates as a language writes them. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Bytes in decimal units with up to one decimal: "1.5 MB". */
export function bytes(count: number, locale: string): string {
	const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(count, 1)) / 3)));
	return new Intl.NumberFormat(locale, {
		style: 'unit',
		unit: UNITS[power] ?? 'byte',
		unitDisplay: power === 0 ? 'long' : 'short',
		maximumFractionDigits: 1
	}).format(count / 1000 ** power);
}

/** A share from 0 to 1 as a whole percentage. */
export function percent(share: number, locale: string): string {
	return new Intl.NumberFormat(locale, { style: 'percent' }).format(share);
}

/** A whole number with its separators. */
export function count(value: number, locale: string): string {
	return new Intl.NumberFormat(locale).format(value);
}

/** A number with at most one decimal. */
export function decimal(value: number, locale: string): string {
	return new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value);
}

/** Roughly how long something takes, given in seconds: "40 sec", "12 min", "1 hr, 20 min". */
export function duration(value: number, locale: string): string {
	const unit = (amount: number, name: 'second' | 'minute' | 'hour') =>
		new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(amount);
	if (value < 59.5) return unit(Math.max(1, Math.round(value)), 'second');
	const minutes = Math.round(value / 60);
	if (minutes < 60) return unit(minutes, 'minute');
	const parts = [unit(Math.floor(minutes / 60), 'hour'), unit(minutes % 60, 'minute')];
	return new Intl.ListFormat(locale, { type: 'unit', style: 'short' }).format(parts);
}

/** A duration in seconds, with up to two decimals. */
export function seconds(value: number, locale: string): string {
	return new Intl.NumberFormat(locale, {
		style: 'unit',
		unit: 'second',
		maximumFractionDigits: 2
	}).format(value);
}
