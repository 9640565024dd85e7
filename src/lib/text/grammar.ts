import MarkdownItConstructor from 'markdown-it';
import type { StateInline, Token } from 'markdown-it';
import cjkFriendly from 'markdown-it-cjk-friendly';
import { formulas } from './formula-rules.ts';
import { isSafeLink } from './links.ts';

export type { Token };

/** What a link label leads to. */
export interface Reference {
	href: string;
	title: string;
}

/** Link definitions by normalised label. */
export type References = Record<string, Reference>;

/** `<br>`, the one tag that is honoured: it is the only way to break a line in a table's cell. */
function lineBreak(state: StateInline, silent: boolean): boolean {
	const tag = /^<br ?\/?>/i.exec(state.src.slice(state.pos, state.pos + 6));
	if (!tag) return false;
	if (!silent) state.push('hardbreak', 'br', 0);
	state.pos += tag[0].length;
	return true;
}

/**
 * GitHub-flavoured Markdown with formulas, and emphasis that works beside Chinese, Japanese and
 * Korean punctuation. Raw HTML is text. A link that may not be followed stays text.
 */
function createGrammar() {
	const md = new MarkdownItConstructor({ html: false, linkify: true });
	md.core.ruler.disable(['strip_references', 'replacements', 'smartquotes']);
	md.inline.ruler.before('autolink', 'line_break', lineBreak);
	md.use(formulas).use(cjkFriendly);
	md.validateLink = isSafeLink;
	md.normalizeLinkText = (url) => url;
	md.linkify.set({ fuzzyLink: false, fuzzyEmail: true });
	md.linkify.add('ftp:', null).add('//', null);
	md.linkify.add('www.', {
		validate: (source, start, self) =>
			Math.max(
				0,
				self.testSchemaAt(`//www.${source.slice(start, start + 2_000)}`, 'http:', 0) - '//www.'.length
			),
		normalize: (match) => {
			match.url = `http://${match.url}`;
		}
	});
	return md;
}

const md = createGrammar();

/**
 * Finds the blocks of `source` only: far cheaper than reading it whole. `reference_definition`
 * tokens stand where definitions are.
 */
export function scanBlocks(source: string): Token[] {
	const tokens: Token[] = [];
	md.block.parse(source, md, { references: {} }, tokens);
	return tokens;
}

/** Reads `source` whole; definitions found are added to `references`. */
export function readBlocks(source: string, references: References): Token[] {
	return md.parse(source, { references });
}

/** Reads the words of a paragraph, without looking for blocks. */
export function readInline(source: string, references: References): Token[] {
	return md.parseInline(source, { references })[0]?.children ?? [];
}
