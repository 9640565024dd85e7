import { describe, expect, test } from 'vitest';
import type { Conversation } from '#lib/message/message.ts';
import { dateWords, groupByDate, keyOf } from '#lib/ui/date-groups.ts';

const NOW = new Date(2026, 10, 20, 9, 30).getTime();

function conversation(id: string, updatedAt: Date, pinnedAt?: number): Conversation {
	const base = { id, title: id, createdAt: 0, updatedAt: updatedAt.getTime(), leaf: null, deletedAt: null };
	return pinnedAt === undefined ? base : { ...base, pinnedAt };
}

test('each day has its group, in the order of the list', () => {
	const groups = groupByDate(
		[
			conversation('pinned', new Date(2020, 0, 1), 1),
			conversation('tomorrow', new Date(2026, 10, 21)),
			conversation('midnight', new Date(2026, 10, 20)),
			conversation('last night', new Date(2026, 10, 19, 23, 59, 59, 999)),
			conversation('a week ago', new Date(2026, 10, 13)),
			conversation('eight days ago', new Date(2026, 10, 12, 23, 59)),
			conversation('earlier that month', new Date(2026, 10, 1)),
			conversation('a year before', new Date(2025, 10, 30))
		],
		NOW
	);
	expect(groups.map((group) => [keyOf(group), ...group.conversations.map(({ id }) => id)])).toEqual([
		['pinned', 'pinned'],
		['day-0', 'tomorrow', 'midnight'],
		['day-1', 'last night'],
		['week', 'a week ago'],
		['2026-10', 'eight days ago', 'earlier that month'],
		['2025-10', 'a year before']
	]);
});

describe('the names of days and months', () => {
	const month = { kind: 'month' as const, of: new Date(2026, 2, 9).getTime(), conversations: [] };
	const day = (back: 0 | 1) => ({ kind: 'day' as const, back, conversations: [] });

	test.each([
		['en', 'Today', 'Yesterday', 'March 2026'],
		['zh-Hans', '今天', '昨天', '2026年3月']
	])('%s', (locale, today, yesterday, march) => {
		expect([day(0), day(1), month].map((group) => dateWords(group, locale))).toEqual([
			today,
			yesterday,
			march
		]);
	});
});
