import type { Conversation, Time } from '#lib/message/message.ts';

/** Conversations that stand together in the list. Groups from a month on are named by the month. */
export type DateGroup = { conversations: Conversation[] } & (
	{ kind: 'pinned' } | { kind: 'day'; back: 0 | 1 } | { kind: 'week' } | { kind: 'month'; of: Time }
);

/** How many days before today still count as the last week. */
const WEEK = 7;

/**
 * Groups a list by the days of the device's time zone, keeping its order.
 * @param conversations the pinned ones first, then the others, newest first
 */
export function groupByDate(conversations: readonly Conversation[], now: Time): DateGroup[] {
	const groups: DateGroup[] = [];
	const midnights = Array.from({ length: WEEK + 1 }, (_, back) => midnight(now, back));
	let last = '';
	for (const conversation of conversations) {
		const group = groupOf(conversation, midnights);
		const key = keyOf(group);
		if (key !== last) groups.push(group);
		else groups.at(-1)?.conversations.push(conversation);
		last = key;
	}
	return groups;
}

/** Stable for one group as the list changes. */
export function keyOf(group: DateGroup): string {
	if (group.kind === 'day') return `day-${group.back}`;
	if (group.kind !== 'month') return group.kind;
	const date = new Date(group.of);
	return `${date.getFullYear()}-${date.getMonth()}`;
}

/** "Today", "Yesterday" or "March 2026", as a language writes them at the beginning of a line. */
export function dateWords(group: DateGroup & { kind: 'day' | 'month' }, locale: string): string {
	const words =
		group.kind === 'day'
			? new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-group.back, 'day')
			: new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }).format(group.of);
	return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
}

function groupOf(conversation: Conversation, midnights: readonly Time[]): DateGroup {
	const conversations = [conversation];
	if (conversation.pinnedAt !== undefined) return { kind: 'pinned', conversations };
	const back = midnights.findIndex((start) => conversation.updatedAt >= start);
	if (back === 0 || back === 1) return { kind: 'day', back, conversations };
	if (back > 1) return { kind: 'week', conversations };
	return { kind: 'month', of: conversation.updatedAt, conversations };
}

/** The start of the day so many days before; days are not all of 24 hours. */
function midnight(now: Time, back: number): Time {
	const date = new Date(now);
	return new Date(date.getFullYear(), date.getMonth(), date.getDate() - back).getTime();
}
