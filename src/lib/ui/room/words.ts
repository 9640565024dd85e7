import { count, seconds } from '#lib/i18n/format.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import type { AccountProblem } from '#lib/room/account.svelte.ts';
import type { ApiError } from '#lib/room/api-error.ts';
import type { Draft } from '#lib/room/drafts.ts';
import type {
	AnswerItem,
	AnswerStanding,
	EndedWhy,
	RefusedWhy,
	RoomNews,
	RoomNotice,
	RoomProblem,
	RoomsState
} from '#lib/room/words.ts';
import { historyWords } from '../words.ts';

/** Why the sync server did not do what it was asked, and what to do. */
export function apiWords(error: ApiError, locale: string): string {
	switch (error.kind) {
		case 'offline':
			return m.api_offline();
		case 'no-network':
			return m.network_forbidden();
		case 'answer':
			return m.api_none();
		case 'server':
			return m.api_server();
		case 'invalid':
			return m.api_invalid({
				detail: error.fields.map(({ field, message }) => `${field}: ${message}`).join('; ')
			});
		case 'token':
			return m.api_token();
		case 'credentials':
			return m.api_credentials();
		case 'not-found':
			return m.api_not_found();
		case 'not-owner':
			return m.api_not_owner();
		case 'banned':
			return m.api_banned();
		case 'name-taken':
			return m.api_name_taken();
		case 'already-member':
			return m.api_already_member();
		case 'last-owner':
			return m.api_last_owner();
		case 'room-full':
			return m.api_room_full();
		case 'too-many-rooms':
			return m.api_too_many_rooms();
		case 'too-many-invites':
			return m.api_too_many_invites();
		case 'rate':
			return m.api_rate({ time: seconds(Math.max(1, Math.ceil(error.wait / 1_000)), locale) });
		case 'busy':
			return m.api_busy();
		case 'storage-full':
			return m.api_storage_full();
	}
}

export function accountWords(problem: AccountProblem, locale: string): string {
	return problem.name === 'ApiError' ? apiWords(problem, locale) : historyWords(problem);
}

/** What stands in the way of what a person just tried in a room. */
export function problemWords(problem: RoomProblem, locale: string): string {
	switch (problem.kind) {
		case 'none':
			return '';
		case 'empty':
			return m.chat_empty();
		case 'too-long':
			return m.chat_too_long({
				length: count(problem.length, locale),
				limit: count(problem.limit, locale)
			});
		case 'bad-title':
			return m.room_bad_title();
		case 'bad-link':
			return linkWords(problem.why);
		case 'bad-backup':
			return backupWords(problem.why);
		case 'no-key':
			return m.room_no_key();
		case 'no-model':
			return m.room_no_model();
		case 'signed-out':
			return m.api_token();
		case 'api':
			return apiWords(problem.error, locale);
		case 'history':
			return historyWords(problem.error);
	}
}

function linkWords(why: (RoomProblem & { kind: 'bad-link' })['why']): string {
	switch (why) {
		case 'malformed':
			return m.room_link_malformed();
		case 'version':
			return m.room_link_version();
		case 'not-a-link':
			return m.room_link_none();
		case 'old':
			return m.room_link_old();
	}
}

function backupWords(why: 'passphrase' | 'malformed' | 'version'): string {
	switch (why) {
		case 'passphrase':
			return m.keys_wrong_passphrase();
		case 'malformed':
			return m.keys_no_backup();
		case 'version':
			return m.room_link_version();
	}
}

/** How the connection stands; undefined while there is nothing to say. */
export function connectionWords(state: RoomsState): string | undefined {
	switch (state.kind) {
		case 'signed-out':
			return m.rooms_signed_out();
		case 'refused':
			return m.rooms_refused();
		case 'outdated':
			return m.rooms_outdated();
		case 'connecting':
			return m.rooms_connecting();
		case 'online':
			return undefined;
		case 'offline':
			return m.rooms_offline();
		case 'forbidden':
			return m.network_forbidden_rooms();
		case 'failed':
			return historyWords(state.error);
	}
}

export function endedWords(why: EndedWhy): string {
	switch (why) {
		case 'left':
			return m.room_ended_left();
		case 'removed':
			return m.room_ended_removed();
		case 'closed':
			return m.room_ended_closed();
		case 'unknown':
			return m.room_ended_unknown();
	}
}

/** The text of an answer: the room's once it is over, until then what was heard of it. */
export function answerText({ standing, text }: AnswerItem, draft: Draft | undefined): string {
	return standing.kind === 'over' ? text : (draft?.text ?? '');
}

/** What an answer waits for; undefined while it grows, and afterwards. */
export function answerWaits(
	{ standing }: AnswerItem,
	draft: Draft | undefined,
	offered: boolean
): string | undefined {
	switch (standing.kind) {
		case 'waiting':
			return offered ? m.room_ai_waiting() : m.room_ai_nobody();
		case 'writing': {
			const name = standing.host.name || m.room_somebody();
			if (draft?.stalled) return offered ? m.room_ai_gone({ name }) : m.room_ai_gone_nobody({ name });
			return draft?.text ? undefined : m.room_ai_prepares({ name });
		}
		case 'stopping':
			return m.room_ai_stopping();
		case 'none':
		case 'over':
			return undefined;
	}
}

/** How an answer ended, where it did not simply end or fail. */
export function answerEnding(standing: AnswerStanding): string | undefined {
	if (standing.kind === 'none') return m.end_stopped();
	if (standing.kind !== 'over') return undefined;
	if (standing.made.ending === 'stopped') return m.end_stopped();
	return standing.made.ending === 'length' ? m.end_length() : undefined;
}

/** What happened in a room. */
export function noticeWords(notice: RoomNotice, locale: string): string {
	const { name } = notice;
	switch (notice.kind) {
		case 'joined':
			return m.room_notice_joined({ name });
		case 'device':
			return m.room_notice_device({ name });
		case 'renamed':
			return m.room_notice_renamed({ name, title: notice.title });
		case 'key-changed':
			return notice.removed.length > 0
				? m.room_notice_removed({ name, removed: listWords(notice.removed, locale) })
				: m.room_notice_key({ name });
		case 'gap':
			return m.room_notice_gap({ name, count: count(notice.count, locale) });
	}
}

/** What is told of a room to somebody who looks elsewhere. */
export function newsWords(news: RoomNews): string {
	switch (news.kind) {
		case 'message':
			return `${news.author}: ${news.text}`;
		case 'answer':
			return m.room_answered({ text: news.text });
		case 'unanswered':
			return m.room_unanswered();
		case 'stopped':
			return m.room_stopped();
	}
}

/** Why something that came is not shown. */
export function refusedWords(why: RefusedWhy, name: string): string {
	switch (why) {
		case 'forged':
			return m.room_refused_forged({ name });
		case 'altered':
			return m.room_refused_altered({ name });
		case 'replayed':
			return m.room_refused_replayed({ name });
		case 'forked':
			return m.room_refused_forked({ name });
		case 'malformed':
			return m.room_refused_malformed({ name });
		case 'stale':
			return m.room_refused_stale({ name });
	}
}

/** "ada, bob and eve", as a language writes it. */
export function listWords(names: readonly string[], locale: string): string {
	return new Intl.ListFormat(locale, { type: 'conjunction' }).format(names);
}

/** The time of today, the date with the time of other days. */
export function timeWords(at: number, now: number, locale: string): string {
	const today = new Date(at).toDateString() === new Date(now).toDateString();
	const date = today ? {} : ({ day: 'numeric', month: 'short' } as const);
	return new Intl.DateTimeFormat(locale, { ...date, hour: 'numeric', minute: '2-digit' }).format(at);
}
