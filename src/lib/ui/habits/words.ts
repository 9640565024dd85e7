import * as m from '#lib/i18n/paraglide/messages.js';
import type { Deed } from './keys.ts';
import type { OptionGroup } from './options.ts';

/** What shortcuts do, in words. */
export const deedNames: Record<Deed, () => string> = {
	palette: m.command_palette,
	shortcuts: m.shortcuts,
	new: m.nav_new_chat,
	write: m.command_write,
	stop: m.command_stop,
	retry: m.command_retry,
	edit: m.command_edit,
	copy: m.command_copy,
	read: m.command_read,
	next: m.command_next,
	previous: m.command_previous
};

export const groupNames: Record<OptionGroup['kind'], () => string> = {
	commands: m.palette_commands,
	conversations: m.nav_conversations,
	messages: m.palette_messages
};
