/**
 * Why a file's words could not be read.
 * empty: it has none; too-large: more bytes than are read; binary: it is no text;
 * pdf-broken: not to be repaired; pdf-encrypted: it wants a password; pdf-no-text: pictures of pages alone;
 * no-reader: the PDF reader itself could not be loaded; unreadable: the browser could not read the file.
 */
export type FileErrorKind =
	| 'empty'
	| 'too-large'
	| 'binary'
	| 'pdf-broken'
	| 'pdf-encrypted'
	| 'pdf-no-text'
	| 'no-reader'
	| 'unreadable';

/** A file that cannot be read, with the library's own words in `message`, for a bug report. */
export class FileError extends Error {
	override readonly name = 'FileError';
	readonly kind: FileErrorKind;

	constructor(kind: FileErrorKind, detail: string, options?: ErrorOptions) {
		super(detail, options);
		this.kind = kind;
	}
}
