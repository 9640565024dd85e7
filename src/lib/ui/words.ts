import * as m from '#lib/i18n/paraglide/messages.js';
import type { HistoryError } from '#lib/message/errors.ts';
import type { Failure } from '#lib/message/message.ts';

/** What went wrong with the history, and what to do. */
export function historyWords({ kind, message: detail }: HistoryError): string {
	switch (kind) {
		case 'unavailable':
			return m.history_unavailable();
		case 'full':
			return m.history_full();
		case 'newer':
			return m.history_newer();
		case 'upgrade':
			return m.history_upgrade({ detail });
		case 'missing':
			return m.history_missing();
		case 'unknown':
			return m.history_unknown({ detail });
	}
}

/** Why an answer could not be written, and what to do. */
export function failureWords({ kind, detail }: Failure): string {
	switch (kind) {
		case 'no-adapter':
			return m.fail_no_adapter();
		case 'no-f16':
			return m.fail_no_f16();
		case 'out-of-memory':
			return m.fail_out_of_memory();
		case 'device-lost':
			return m.fail_device_lost();
		case 'worker-lost':
			return m.fail_worker_lost();
		case 'integrity':
			return m.fail_integrity();
		case 'interrupted':
			return m.fail_interrupted();
		case 'context-overflow':
			return m.fail_context_overflow({ detail });
		default:
			return m.fail_unknown({ detail });
	}
}
