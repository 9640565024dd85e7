import * as m from '#lib/i18n/paraglide/messages.js';

/** The reactions that are offered, with their names for those who do not see them. */
export const EMOJI: readonly { emoji: string; name: () => string }[] = [
	{ emoji: '👍', name: m.emoji_thumb },
	{ emoji: '❤️', name: m.emoji_heart },
	{ emoji: '😂', name: m.emoji_laugh },
	{ emoji: '😮', name: m.emoji_wonder },
	{ emoji: '😢', name: m.emoji_sad },
	{ emoji: '🎉', name: m.emoji_party }
];
