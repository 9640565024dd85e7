import { formatChatml, isChatml } from './chatml.ts';
import type { Turn } from './engine.ts';

/** Turns as one prompt that ends where the answer goes on: after `prefix`, or before its first word. */
export type FormatTurns = (turns: readonly Turn[], prefix: string) => string;

/**
 * The chat formats that are written here, so that an answer can go on from its middle. A model's own
 * template (Jinja) tells which it wants by the marks it writes.
 */
const FORMATS: { fits: (template: string) => boolean; write: FormatTurns }[] = [
	{ fits: isChatml, write: (turns, prefix) => formatChatml(turns, prefix) },
	{ fits: (template) => template.includes('<|start_header_id|>'), write: formatLlama3 },
	{ fits: (template) => template.includes('<start_of_turn>'), write: formatGemma }
];

/** How the template's model wants its turns, or undefined for a format that is not known here. */
export function formatOf(template: string): FormatTurns | undefined {
	return FORMATS.find(({ fits }) => fits(template))?.write;
}

/** Llama 3's: the engine puts the mark of the text's beginning first. */
function formatLlama3(turns: readonly Turn[], prefix: string): string {
	const head = (role: Turn['role']) => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
	const said = turns.map(({ role, text }) => `${head(role)}${text}<|eot_id|>`);
	return `${said.join('')}${head('assistant')}${prefix}`;
}

/** Gemma's: it knows no system turn, whose text goes before the first question. */
function formatGemma(turns: readonly Turn[], prefix: string): string {
	const [first, ...others] = turns;
	const system = first?.role === 'system' ? first.text : '';
	const spoken = (system ? others : turns).map(({ role, text }, index) => {
		const told = index === 0 && system ? `${system}\n\n${text}` : text;
		return `<start_of_turn>${role === 'assistant' ? 'model' : 'user'}\n${told}<end_of_turn>\n`;
	});
	return `${spoken.join('')}<start_of_turn>model\n${prefix}`;
}
