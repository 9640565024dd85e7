import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pinOf } from '../../scripts/lib/models/folder.ts';
import { writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import type { BenchFile, DeliveryBench } from './delivery-page.ts';
import { servePage } from './harness/page-server.ts';
import { openUnwatched, type UnwatchedPage } from './harness/unwatched.ts';

/** A model of about 300 MB that nearly only consists of weights that do nothing. */
const NEURONS = 195_000;

/** About half of it, and no boundary of what is asked for at once. */
const CUT = 0.515;

interface FileServer {
	file: BenchFile;
	/** Breaks every connection off once so many bytes are sent in all from now on, as if it were killed. */
	cutAt(bytes: number): void;
	/** Bytes of the file that were sent since the last call, at the most: some may not have arrived. */
	sent(): number;
	close(): Promise<void>;
}

/** Bytes that are handed to a connection at once. */
const PIECE = 1024 ** 2;

/** Waits until what was written is handed on, or nobody takes it any more. */
function untilFlushed(response: ServerResponse): Promise<void> {
	return new Promise((resolve) => {
		const end = () => {
			response.off('drain', end).off('close', end);
			resolve();
		};
		response.on('drain', end).on('close', end);
	});
}

/** A server of one file, with ranges, on a port of its own. */
async function serveFile(body: Uint8Array): Promise<FileServer> {
	let cut = Infinity;
	let sent = 0;
	const open = new Set<Socket>();
	const send = async (part: Uint8Array, response: ServerResponse) => {
		for (let at = 0; at < part.length && !response.destroyed; at += PIECE) {
			const piece = part.subarray(at, at + PIECE);
			sent += piece.length;
			if (!response.write(piece)) await untilFlushed(response);
			if (sent < cut) continue;
			cut = Infinity;
			// what was sent still arrives
			for (const socket of open) socket.end();
			return;
		}
		response.end();
	};
	const server = createServer((request, response) => {
		const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
		const from = Number(first ?? 0);
		const to = last ? Number(last) + 1 : body.length;
		response.writeHead(first === undefined ? 200 : 206, {
			'Access-Control-Allow-Origin': '*',
			'Access-Control-Expose-Headers': 'Content-Range, ETag',
			'Cross-Origin-Resource-Policy': 'cross-origin',
			'Content-Type': 'application/octet-stream',
			'Content-Length': to - from,
			...(first === undefined ? {} : { 'Content-Range': `bytes ${from}-${to - 1}/${body.length}` })
		});
		// a connection that the page ends is no failure here
		send(body.subarray(from, to), response).catch(() => response.destroy());
	});
	server.on('connection', (socket) => {
		open.add(socket);
		socket.once('close', () => open.delete(socket));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		file: { url: `http://127.0.0.1:${port}/model.gguf`, ...(await pinOf([body], body.length)) },
		cutAt: (bytes) => (cut = bytes),
		sent() {
			const bytes = sent;
			sent = 0;
			return bytes;
		},
		async close() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		}
	};
}

/** What the page's verb measures, in milliseconds. */
async function drive(page: UnwatchedPage, verb: keyof DeliveryBench, ...given: unknown[]): Promise<number> {
	const words = given.map((value) => JSON.stringify(value)).join();
	return Number(await page.evaluate(`deliveryBench.${verb}(${words})`));
}

/** Takes away what was stored before, and lets the disk do what that leaves it to do. */
async function forget(page: UnwatchedPage): Promise<void> {
	await page.evaluate('deliveryBench.forget()');
	await promisify(execFile)('sync');
}

/** Our delivery against a plain fetch into a cache; what a cut costs; and loading what it stored. */
async function run(context: BenchContext): Promise<Result> {
	const server = await serveFile(writeTalkingGguf({ words: ['Hello'], name: 'Large', neurons: NEURONS }));
	const served = await servePage(join(import.meta.dirname, 'delivery-page.html'));
	const { file } = server;
	const rate = (milliseconds: number) => file.bytes / 1_000 / milliseconds;
	const page = await openUnwatched(served.url);
	try {
		const { plain, ours } = await context.mediansOf(5, {
			async plain() {
				await forget(page);
				return rate(await drive(page, 'plain', file));
			},
			async ours() {
				await forget(page);
				return rate(await drive(page, 'ours', file));
			}
		});

		const { twice } = await context.mediansOf(5, {
			async twice() {
				await forget(page);
				server.sent();
				server.cutAt(CUT * file.bytes);
				await drive(page, 'ours', file);
				return server.sent() - file.bytes;
			}
		});

		await drive(page, 'keepAsTheEngine', file);
		const loaded = await context.mediansOf(5, {
			ours: () => drive(page, 'load', file, 'ours'),
			own: () => drive(page, 'load', file, 'own')
		});
		return {
			rows: [
				{ label: 'size of the model', value: file.bytes / 1e6, unit: 'MB' },
				{ label: 'a plain fetch into a cache', value: plain.median, unit: 'MB/s' },
				{ label: 'our delivery, SHA-256 included', value: ours.median, unit: 'MB/s' },
				{ label: 'sent twice after a cut at half, at the most', value: twice.most / 1e6, unit: 'MB' },
				{ label: 'loading it from our store', value: loaded.ours.median, unit: 'ms' },
				{ label: 'loading it from a file of the engine’s own', value: loaded.own.median, unit: 'ms' }
			],
			ratios: [
				{ label: 'delivery against a plain fetch', value: ours.median / plain.median, atLeast: 0.9 },
				{ label: 'bytes sent twice after a cut, of all', value: twice.most / file.bytes, atMost: 0.05 },
				{
					label: 'loading against the engine’s own store',
					value: loaded.ours.median / loaded.own.median,
					atMost: 1.1
				}
			]
		};
	} finally {
		await page.close();
		await served.close();
		await server.close();
	}
}

export const benches: Bench[] = [{ name: 'delivery', run }];
