import type { Locale } from '#lib/i18n/locale.svelte.ts';
import type { Conversation, Id } from '#lib/message/message.ts';
import type { LookChoice, SHORTCUT_CHOICES, TEXT_SIZES, THEMES } from '../theme.svelte.ts';

/** What commands change of the app, beyond what the frame itself can do. */
export interface House {
	locale: Locale;
	theme: LookChoice<(typeof THEMES)[number]>;
	textSize: LookChoice<(typeof TEXT_SIZES)[number]>;
	shortcuts: LookChoice<(typeof SHORTCUT_CHOICES)[number]>;
	history: {
		conversations: {
			one(id: Id): {
				subscribe(
					onValue: (conversation: Conversation | undefined) => void,
					onError: (error: Error) => void
				): () => void;
			};
		};
	};
}
