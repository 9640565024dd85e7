/** A file that was sent with a question, as the words that the model is given of it. */
export interface Attachment {
	name: string;
	/** The name's ending in small letters, such as "csv"; empty where it has none. */
	type: string;
	/** All that was sent of it. */
	text: string;
	/** What of the file `text` is, where it is not all of it. */
	part?: 'first' | 'passages';
}

/** Most files with one question. */
export const MAX_ATTACHMENTS = 10;

/** Largest file that is read, in bytes. */
export const MAX_FILE_BYTES = 20_000_000;
