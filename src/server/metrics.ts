/** Values of a metric's labels, in the order of its label names. None may be an id or anything a person wrote. */
type LabelValues = readonly string[];

interface Family {
	name: string;
	help: string;
	type: 'counter' | 'gauge' | 'histogram';
	lines(): string[];
}

/** A number that only grows. */
export interface Counter {
	add(labels?: LabelValues, by?: number): void;
}

/** How often values fell below each bound. */
export interface Histogram {
	observe(value: number): void;
}

/** What the server counts, in Prometheus' text format. */
export class Metrics {
	readonly #families: Family[] = [];

	counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
		const values = new Map<string, number>();
		if (labelNames.length === 0) values.set('', 0);
		this.#families.push({
			name,
			help,
			type: 'counter',
			lines: () => [...values].map(([labels, value]) => `${name}${labels} ${value}`)
		});
		return {
			add(labels = [], by = 1) {
				const key = format(labelNames, labels);
				values.set(key, (values.get(key) ?? 0) + by);
			}
		};
	}

	/** @param read is asked at each scrape */
	gauge(name: string, help: string, read: () => number): void {
		this.#families.push({ name, help, type: 'gauge', lines: () => [`${name} ${read()}`] });
	}

	/** @param bounds upper ends of the buckets, rising */
	histogram(name: string, help: string, bounds: readonly number[]): Histogram {
		const counts = bounds.map(() => 0);
		let count = 0;
		let sum = 0;
		this.#families.push({
			name,
			help,
			type: 'histogram',
			lines: () => [
				...bounds.map((bound, index) => `${name}_bucket{le="${bound}"} ${counts[index]}`),
				`${name}_bucket{le="+Inf"} ${count}`,
				`${name}_sum ${sum}`,
				`${name}_count ${count}`
			]
		});
		return {
			observe(value) {
				for (const [index, bound] of bounds.entries())
					if (value <= bound) counts[index] = (counts[index] ?? 0) + 1;
				count++;
				sum += value;
			}
		};
	}

	render(): string {
		const families = this.#families.map(({ name, help, type, lines }) =>
			[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines()].join('\n')
		);
		return `${families.join('\n')}\n`;
	}
}

function format(names: readonly string[], values: LabelValues): string {
	if (names.length !== values.length) throw new Error('a metric was given other labels than it has');
	if (names.length === 0) return '';
	const pairs = names.map((name, index) => `${name}="${escape(values[index] ?? '')}"`);
	return `{${pairs.join(',')}}`;
}

function escape(value: string): string {
	return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
