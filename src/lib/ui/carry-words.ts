import type { CarryTask } from '#lib/chat/carrying.svelte.ts';
import { bytes } from '#lib/i18n/format.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import {
	AddressError,
	type AddressFailure,
	CarryError,
	type CarryFailure,
	GgufError,
	type GgufFailure
} from '#lib/models/errors.ts';
import { reasonWords } from './model-words.ts';

/** Why a model's file could not be made or taken in, and what to do. */
export function carryWords(
	{ with: kind, name, error }: Extract<CarryTask, { kind: 'failed' }>,
	locale: string
): string {
	const reason = reasonOf(error, locale);
	const words = { pack: m.carry_pack_failed, unpack: m.carry_failed, find: m.carry_add_failed }[kind];
	return words({ name, reason });
}

function reasonOf(error: unknown, locale: string): string {
	if (error instanceof CarryError) return carriedWords(error.failure, locale);
	if (error instanceof AddressError) return addressWords(error.failure);
	if (error instanceof GgufError) return ggufWords(error.failure, locale);
	return reasonWords(error, locale);
}

function carriedWords(failure: CarryFailure, locale: string): string {
	switch (failure.kind) {
		case 'not-one':
			return m.carry_not_one();
		case 'newer':
			return m.carry_newer();
		case 'truncated':
			return m.carry_truncated({
				got: bytes(failure.got, locale),
				expected: bytes(failure.expected, locale)
			});
		case 'corrupt':
			return m.carry_corrupt({ file: failure.file });
		case 'bad-header':
		case 'incomplete':
			return m.carry_incomplete({ detail: failure.detail });
		case 'unreadable':
			return m.carry_unreadable({ detail: failure.detail });
	}
}

function addressWords(failure: AddressFailure): string {
	switch (failure.kind) {
		case 'no-address':
			return failure.field === 'url' ? m.carry_no_address() : m.carry_no_library_address();
		case 'foreign-host':
			return m.carry_foreign({ host: failure.host, allowed: failure.allowed.join(', ') });
		case 'no-size':
			return m.carry_no_size();
		case 'no-library':
			return m.carry_no_library();
	}
}

function ggufWords(failure: GgufFailure, locale: string): string {
	switch (failure.kind) {
		case 'not-one':
			return m.carry_not_one();
		case 'split':
			return m.carry_split({ parts: failure.parts });
		case 'truncated':
			return failure.expected === undefined
				? m.carry_truncated_head({ got: bytes(failure.got, locale) })
				: m.carry_truncated({ got: bytes(failure.got, locale), expected: bytes(failure.expected, locale) });
		case 'unreadable':
			return m.carry_unreadable({ detail: failure.detail });
	}
}
