import { getDocument, PDFWorker, type PDFDocumentProxy } from 'pdfjs-dist';
import { FileError } from './errors.ts';

/**
 * The words of a PDF, page by page, with an empty line between pages. The library parses in a worker
 * that is ended afterwards: a PDF may come from anywhere.
 * @throws FileError pdf-broken, pdf-encrypted, pdf-no-text, no-reader
 * @throws DOMException AbortError when `signal` aborts
 */
export async function readPdf(
	data: Uint8Array<ArrayBuffer>,
	signal: AbortSignal
): Promise<{ text: string; pages: number }> {
	const port = new Worker(new URL('./pdf.worker.ts', import.meta.url), { type: 'module' });
	const lost = new Promise<never>((_, reject) => {
		port.addEventListener('error', (event) => reject(new FileError('no-reader', event.message ?? '')));
		signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
	});
	// PDFWorker asks for a name although it may be null
	const worker = PDFWorker.create({ port } as Parameters<typeof PDFWorker.create>[0]);
	const task = getDocument({ data, worker, disableFontFace: true, useSystemFonts: false, verbosity: 0 });
	try {
		return await Promise.race([lost, task.promise.then(wordsOf)]);
	} catch (error) {
		signal.throwIfAborted();
		throw error instanceof FileError ? error : pdfError(error);
	} finally {
		await task.destroy();
		worker.destroy();
		port.terminate();
	}
}

async function wordsOf(pdf: PDFDocumentProxy): Promise<{ text: string; pages: number }> {
	const pages: string[] = [];
	for (let number = 1; number <= pdf.numPages; number++) {
		const page = await pdf.getPage(number);
		const { items } = await page.getTextContent();
		const pieces = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''));
		pages.push(pieces.join('').trim());
		page.cleanup();
	}
	const text = pages.filter(Boolean).join('\n\n');
	if (text === '') throw new FileError('pdf-no-text', `${pdf.numPages} pages without a word`);
	return { text, pages: pdf.numPages };
}

function pdfError(error: unknown): FileError {
	const { name, message } = error instanceof Error ? error : new Error(String(error));
	const kind = name === 'PasswordException' ? 'pdf-encrypted' : 'pdf-broken';
	return new FileError(kind, `${name}: ${message}`, { cause: error });
}
