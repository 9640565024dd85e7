import { isMet, type Ratio, type Result } from './bench.ts';

/** A result as a table for people: figures, then ratios with what they must be. */
export function table(name: string, { rows, ratios }: Result): string {
	const figures = rows.map(({ label, value, unit }) => [label, round(value), unit]);
	const judged = ratios.map((ratio) => [ratio.label, `${round(ratio.value)}×`, verdict(ratio)]);
	const lines = [...figures, ...judged];
	const width = Math.max(...lines.map(([label = '']) => label.length));
	const body = lines.map(([label = '', value = '', rest]) => {
		return `  ${label.padEnd(width)}  ${value.padStart(10)} ${rest}`;
	});
	return [name, ...body].join('\n');
}

function verdict(ratio: Ratio): string {
	const target = 'atMost' in ratio ? `at most ${round(ratio.atMost)}×` : `at least ${round(ratio.atLeast)}×`;
	return `${target}: ${isMet(ratio) ? 'met' : 'MISSED'}`;
}

/** Three significant digits, and never fewer than the whole number has. */
function round(value: number): string {
	return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
