/** One part of an answer such as models write: prose, a list, code, a table, formulas. */
function part(n: number): string {
	const k = String(n);
	return `## Part ${k}: what happens next

A **first paragraph** explains the idea in *plain words*, with \`inline code\`, a [link](https://example.org/${k})
and a formula, $f_${k}(x) = \\sum_{i=0}^{n} a_i x^i$, before it goes on to what follows from it. 中文也可以，**没有问题。**接着说。

1. **Prepare** the input: it must hold \`${k}\` rows at least.
2. *Measure* what it costs, as in step ${k}.
   - nested, with some more words to make the line long enough to wrap
   - and ~~not~~ nested

\`\`\`python
class Part${k}:
    """Keeps what part ${k} needs."""

    def __init__(self, values: list[float]) -> None:
        self.values = [value * ${k} for value in values if value > 0.5]  # drop noise

    def mean(self) -> float:
        return sum(self.values) / max(1, len(self.values))
\`\`\`

| step | cost | note |
|:-----|-----:|:-----|
| read | ${k} ms | from the *cache* |
| write | 2${k} ms | to \`disk\` |
| send | 3${k} ms | over the **wire** |

$$
\\int_0^{${k}} e^{-x^2}\\,dx \\approx \\frac{\\sqrt{\\pi}}{2}
$$

> A last remark on part ${k}, which is quoted, and holds for all the others as well.

`;
}

/** Cuts a text as a tokenizer would, about four characters a token. */
function tokens(text: string): string[] {
	return text.match(/\s?[A-Za-z]{1,6}|\s?[^A-Za-z\s]{1,3}|\s+/g) ?? [];
}

const made = new Map<string, string[]>();

/** The first `count` tokens of `make(1)`, `make(2)`, …; made once. */
function repeated(name: string, make: (n: number) => string, count: number): string[] {
	const key = `${name} ${String(count)}`;
	const known = made.get(key);
	if (known) return known;
	const found: string[] = [];
	for (let n = 1; found.length < count; n++) found.push(...tokens(make(n)));
	made.set(key, found.slice(0, count));
	return found.slice(0, count);
}

/** Answers of `count` tokens, by what they consist of. */
export const answers = {
	rich: (count: number) => repeated('rich', part, count),
	'one paragraph': (count: number) =>
		repeated(
			'paragraph',
			(n) => `Some *words* and \`code\` of sentence ${String(n)}, which goes on. `,
			count
		),
	'one list': (count: number) =>
		repeated('list', (n) => `- item **${String(n)}** of a list with a few words\n`, count),
	'one code block': (count: number) =>
		repeated(
			'code block',
			(n) => `${n === 1 ? '```js\n' : ''}const value${String(n)} = compute(${String(n)}, "text");\n`,
			count
		),
	'one table': (count: number) =>
		repeated(
			'table',
			(n) => `${n === 1 ? '| a | b |\n|---|---|\n' : ''}| *row* ${String(n)} | \`cell\` |\n`,
			count
		)
};

export type Shape = keyof typeof answers;
