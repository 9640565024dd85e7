import { MAX_FILE_BYTES } from '#lib/message/attachment.ts';
import { decode } from './decode.ts';
import { FileError } from './errors.ts';

/** The words of a file. */
export interface FileText {
	text: string;
	/** Of a text file, the encoding it was in; of a PDF, how many pages it has. */
	from: { kind: 'text'; encoding: string } | { kind: 'pdf'; pages: number };
}

/** "%PDF-", which may stand a little behind the start. */
const PDF_MARK = '%PDF-';

/**
 * Reads a file's words, in this browser. A PDF is known by its first bytes, whatever its name; the reader
 * for it is fetched on first use.
 * @throws FileError for each way in which that fails
 * @throws DOMException AbortError when `signal` aborts
 */
export async function readFile(file: File, signal: AbortSignal): Promise<FileText> {
	if (file.size > MAX_FILE_BYTES) throw new FileError('too-large', `${file.size} bytes`);
	const bytes = await bytesOf(file);
	signal.throwIfAborted();
	if (bytes.length === 0) throw new FileError('empty', '0 bytes');
	const start = String.fromCharCode(...bytes.subarray(0, 1024));
	if (start.includes(PDF_MARK)) return readPdfLazily(bytes, signal);
	const { text, encoding } = decode(bytes);
	return { text, from: { kind: 'text', encoding } };
}

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
	try {
		return new Uint8Array(await file.arrayBuffer());
	} catch (error) {
		throw new FileError('unreadable', String(error), { cause: error });
	}
}

async function readPdfLazily(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<FileText> {
	const { readPdf } = await import('./pdf.ts').catch((error: unknown) => {
		throw new FileError('no-reader', String(error), { cause: error });
	});
	const { text, pages } = await readPdf(bytes, signal);
	return { text, from: { kind: 'pdf', pages } };
}
