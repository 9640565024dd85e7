import { bytes } from '#lib/i18n/format.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import type { Entry, Why } from '#lib/shell/ledger.ts';

/** What a request was for. */
export const whyWords: Record<Why, () => string> = {
	app: m.glass_why_app,
	engine: m.glass_why_engine,
	model: m.glass_why_model,
	rooms: m.glass_why_rooms,
	socket: m.glass_why_socket,
	other: m.glass_why_other
};

/** How many bytes came, and went. */
export function sizeWords({ received, sent }: { received?: number; sent?: number }, locale: string): string {
	const came =
		received === undefined ? m.glass_untold() : m.glass_received({ size: bytes(received, locale) });
	return sent ? `${came}, ${m.glass_sent({ size: bytes(sent, locale) })}` : came;
}

/** What became of a request, in one line. */
export function entryWords(entry: Entry, locale: string): string {
	const time = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' }).format(entry.at);
	const failed = entry.status === 0 ? [m.glass_failed()] : [];
	return [time, whyWords[entry.why](), ...failed, sizeWords(entry, locale)].join(' · ');
}

/** What a cache is for; its own name where it is none of ours. */
export function cacheWords(name: string): string {
	if (name.includes('precache')) return m.glass_why_app();
	if (name === 'alcove-engines') return m.glass_why_engine();
	if (name === 'alcove/models' || name.startsWith('webllm/')) return m.nav_models();
	if (name === 'alcove-network' || name === 'alcove-config') return m.nav_settings();
	return m.glass_why_other();
}
