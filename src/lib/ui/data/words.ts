import type { DataFailure, DataTask, ImportFailure, ImportSource } from '#lib/chat/data.svelte.ts';
import { bytes } from '#lib/i18n/format.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import { historyWords } from '../words.ts';

/** What went wrong with the data, and what to do. */
export function failureWords(failure: DataFailure, locale: string): string {
	switch (failure.kind) {
		case 'import':
			return importWords(failure.failure, locale);
		case 'history':
			return historyWords(failure.error);
		case 'other':
			return m.data_fail_other({ detail: failure.detail });
	}
}

function importWords(failure: ImportFailure, locale: string): string {
	switch (failure.kind) {
		case 'not-json':
			return m.data_fail_not_json();
		case 'unknown':
			return m.data_fail_unknown();
		case 'newer':
			return m.data_fail_newer({ version: failure.version, known: failure.known });
		case 'wrong':
			return m.data_fail_wrong(failure);
		case 'too-large':
			return m.data_fail_too_large({
				bytes: bytes(failure.bytes, locale),
				limit: bytes(failure.limit, locale)
			});
		case 'clash':
			return m.data_fail_clash(failure);
	}
}

export function sourceWords(source: ImportSource): string {
	const names = {
		alcove: m.data_source_alcove,
		chatgpt: m.data_source_chatgpt,
		'llama.cpp': m.data_source_llama_cpp,
		'web-llm-chat': m.data_source_web_llm_chat
	};
	return names[source]();
}

export function busyWords({ with: what }: Extract<DataTask, { kind: 'busy' }>): string {
	const words = {
		export: m.data_busy_export,
		read: m.data_busy_read,
		import: m.data_busy_import,
		erase: m.data_busy_erase,
		backup: m.data_busy_backup
	};
	return words[what]();
}
