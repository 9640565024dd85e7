import { type Language, LANGUAGE_NAMES, LANGUAGES } from '#lib/i18n/locale.svelte.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import type { Conversation } from '#lib/message/message.ts';
import { TEXT_SIZES, THEMES } from '../theme.svelte.ts';
import { sizeNames, themeNames } from '../theme-words.ts';
import { buttonFor, type Pressed, write } from './deeds.ts';
import type { House } from './house.ts';
import { ALWAYS, type Deed, SINGLE } from './keys.ts';

/** Something to choose from the palette: it is done, it leads to a page, or the palette asks for more. */
export interface Command {
	name: string;
	/** The shortcut that does the same. */
	deed?: Deed;
	act: { kind: 'run'; run: () => void } | { kind: 'go'; href: string } | { kind: 'ask'; ask: () => void };
}

/** What the palette can do beside pressing buttons. */
export interface Powers {
	house: House;
	hrefs: { rooms: string; models: string; settings: string; glass: string };
	/** The conversation that is open. */
	conversation: Conversation | undefined;
	onnew: () => void;
	onshortcuts: () => void;
	onpin: (conversation: Conversation) => void;
	onremove: (conversation: Conversation) => void;
	/** A language was fetched and is shown, or could not be. */
	onlanguage: (language: Language, known: boolean) => void;
	/** Asks for another title. */
	onrename: (conversation: Conversation) => void;
}

/** All that can be done now, the most frequent first. */
export function commandsOf(page: Document, powers: Powers): Command[] {
	const { hrefs, onnew, onshortcuts, house } = powers;
	return [
		run(m.nav_new_chat(), onnew, 'new'),
		...pressing(page, 'stop', m.command_stop()),
		...pressing(page, 'retry', m.command_retry()),
		...pressing(page, 'edit', m.command_edit()),
		...pressing(page, 'copy', m.command_copy()),
		...pressing(page, 'read', m.command_read()),
		...pressing(page, 'attach', m.attach_add()),
		...pressing(page, 'setup', m.setup_open()),
		...pressing(page, 'export', m.export_menu()),
		...ofConversation(powers),
		{ name: m.nav_rooms(), act: { kind: 'go', href: hrefs.rooms } },
		{ name: m.nav_models(), act: { kind: 'go', href: hrefs.models } },
		{ name: m.nav_settings(), act: { kind: 'go', href: hrefs.settings } },
		{ name: m.glass_title(), act: { kind: 'go', href: hrefs.glass } },
		run(m.shortcuts(), onshortcuts, 'shortcuts'),
		...(page.querySelector('.composer') ? [run(m.command_write(), () => write(page), 'write')] : []),
		...ofLooks(house, powers.onlanguage)
	];
}

function run(name: string, work: () => void, deed?: Deed): Command {
	return { name, act: { kind: 'run', run: work }, ...(deed ? { deed } : {}) };
}

function pressing(page: Document, pressed: Pressed, name: string): Command[] {
	if (!buttonFor(page, pressed)) return [];
	const deed = [...ALWAYS, ...SINGLE].find((shortcut) => shortcut.deed === pressed)?.deed;
	return [run(name, () => buttonFor(page, pressed)?.click(), deed)];
}

function ofConversation({ conversation, onpin, onrename, onremove }: Powers): Command[] {
	if (!conversation) return [];
	const pinned = conversation.pinnedAt !== undefined;
	return [
		run(pinned ? m.command_unpin() : m.command_pin(), () => onpin(conversation)),
		{ name: m.command_rename(), act: { kind: 'ask', ask: () => onrename(conversation) } },
		run(m.command_delete(), () => onremove(conversation))
	];
}

/** Choices that are not made already. */
function ofLooks({ theme, locale, textSize }: House, onlanguage: Powers['onlanguage']): Command[] {
	const named = (what: string, choice: string) => m.command_choice({ what, choice });
	const choice = (what: string, name: string, choose: () => void) => run(named(what, name), choose);
	return [
		...THEMES.filter((value) => value !== theme.current).map((value) =>
			choice(m.settings_theme(), themeNames[value](), () => theme.choose(value))
		),
		...LANGUAGES.filter((value) => value !== locale.current).map((value): Command => {
			const ask = () => void locale.choose(value).then((known) => onlanguage(value, known));
			return { name: named(m.settings_language(), LANGUAGE_NAMES[value]), act: { kind: 'ask', ask } };
		}),
		...TEXT_SIZES.filter((value) => value !== textSize.current).map((value) =>
			choice(m.settings_text(), sizeNames[value](), () => textSize.choose(value))
		)
	];
}
