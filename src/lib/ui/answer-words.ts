import { percent } from '#lib/i18n/format.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import type { Answer } from '#lib/message/message.ts';
import type { AnswerStatus } from './status.ts';
import { failureWords } from './words.ts';

/** What an answer waits for, before its first word. */
export function waitingWords({ state }: Answer, status: AnswerStatus, locale: string): string {
	const model = status.model ?? '';
	if (status.kind === 'no-model') return m.wait_no_model();
	if (status.kind === 'not-here') return m.wait_not_here({ model });
	if (status.kind === 'loading')
		return m.wait_loading({ model, percent: percent(status.share ?? 0, locale) });
	if (status.kind === 'summarising' && state.kind === 'writing')
		return m.wait_summarising({ percent: percent(status.share ?? 0, locale) });
	return state.kind === 'queued' ? m.wait_queued() : m.wait_thinking();
}

/** How an answer ended, where it did not simply end or fail. */
export function endingWords({ state }: Answer): string | undefined {
	if (state.kind === 'stopped') return m.end_stopped();
	if (state.kind === 'done' && state.reason === 'length') return m.end_length();
	return undefined;
}

/** How an answer ended, for one who does not see it; undefined where it simply ended. */
export function outcomeWords(answer: Answer): string | undefined {
	return answer.state.kind === 'failed' ? failureWords(answer.state.failure) : endingWords(answer);
}
