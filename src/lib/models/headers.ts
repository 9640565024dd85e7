/** What delivery reads of a response's headers, none of which a server has to send. */
import type { ModelFile } from './files.ts';

/** The offset that a response begins at. A 206 whose range cannot be read is taken at its word. */
export function startOf(response: Response): number | undefined {
	if (response.status === 200) return 0;
	const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
	return match ? Number(match[1]) : undefined;
}

/** The size of the whole file, where a header tells it and cannot mean the compressed one. */
export function sizeOf(response: Response, file: ModelFile): number | undefined {
	const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
	if (total !== undefined) return Number(total);
	const length = response.headers.get('content-length');
	return response.status === 200 && file.content === 'gguf' && length !== null ? Number(length) : undefined;
}

/** Milliseconds that a Retry-After header asks for, given in seconds or as a date. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
	if (header === null) return undefined;
	const milliseconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
	return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
