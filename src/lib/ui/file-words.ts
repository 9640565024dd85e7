import type { FileError } from '#lib/files/errors.ts';
import * as m from '#lib/i18n/paraglide/messages.js';

/** Why a file was not attached, and what to do. */
export function fileWords({ kind, message: detail }: FileError): string {
	switch (kind) {
		case 'empty':
			return m.attach_empty();
		case 'too-large':
			return m.attach_too_large();
		case 'binary':
			return m.attach_binary();
		case 'pdf-broken':
			return m.attach_pdf_broken();
		case 'pdf-encrypted':
			return m.attach_pdf_encrypted();
		case 'pdf-no-text':
			return m.attach_pdf_no_text();
		case 'no-reader':
			return m.attach_no_reader();
		case 'unreadable':
			return m.attach_unreadable({ detail });
	}
}
