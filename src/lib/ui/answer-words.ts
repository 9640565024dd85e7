import { count, percent } from '#lib/i18n/format.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import type { Answer, Mishap } from '#lib/message/message.ts';
import type { AnswerStatus } from './status.ts';
import { failureWords } from './words.ts';

/** What an answer waits for, before its first word. @param place in the line of answers; 1 is next */
export function waitingWords({ state }: Answer, status: AnswerStatus, locale: string, place: number): string {
	if (place > 1) return m.wait_place({ place: count(place, locale) });
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

/** What befell an answer on its way, and how it went on: one line. @param model the name of the one that writes it */
export function mishapWords({ cause: kind, then }: Mishap, model: string): string {
	const cause = causeWords(kind);
	if (then === 'other') return m.mishap_other({ cause, model });
	return then === 'smaller' ? m.mishap_smaller({ cause }) : m.mishap_chosen({ cause });
}

function causeWords(kind: string): string {
	switch (kind) {
		case 'interrupted':
			return m.cause_interrupted();
		case 'device-lost':
			return m.cause_gpu_lost();
		case 'no-adapter':
		case 'no-f16':
			return m.cause_no_gpu();
		case 'out-of-memory':
			return m.cause_memory();
		case 'download':
			return m.cause_download();
		case 'context-overflow':
			return m.cause_window();
		default:
			return m.cause_engine();
	}
}

/** How an answer ended, for one who does not see it; undefined where it simply ended. */
export function outcomeWords(answer: Answer): string | undefined {
	return answer.state.kind === 'failed' ? failureWords(answer.state.failure) : endingWords(answer);
}
