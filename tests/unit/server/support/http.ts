import { getRequestListener } from '@hono/node-server';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttp, type HttpParts } from '../../../../src/server/http.ts';
import { createLogger } from '../../../../src/server/logger.ts';
import { Metrics } from '../../../../src/server/metrics.ts';
import { buildHouse } from './house.ts';

export const APP = 'https://app.example';

export interface Asked {
	token?: string;
	body?: unknown;
	/** Sent as it is, instead of `body`. */
	raw?: BodyInit;
	headers?: Record<string, string>;
}

/** A house with its HTTP door open on a port of its own, and all that it logs. */
export async function openHouse(options: Partial<HttpParts> & Parameters<typeof buildHouse>[0] = {}) {
	const house = buildHouse(options);
	const lines: string[] = [];
	const logger = createLogger(
		{ write: (line) => lines.push(line), close: () => undefined },
		'debug',
		house.clock.now
	);
	const state = { stopping: false };
	const app = createHttp({
		...house,
		metrics: new Metrics(),
		logger,
		now: house.clock.now,
		origins: new Set([APP]),
		proxies: 0,
		requests: { burst: 10_000, every: 1 },
		stopping: () => state.stopping,
		...options,
		rooms: house.rooms
	});
	const server = createServer(getRequestListener(app.fetch));
	const origin = await listen(server);
	const ask = (method: string, path: string, { token, body, raw, headers }: Asked = {}): Promise<Response> =>
		fetch(origin + path, {
			method,
			headers: {
				...(token ? { Authorization: `Bearer ${token}` } : {}),
				...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
				...headers
			},
			...(raw !== undefined ? { body: raw } : body !== undefined ? { body: JSON.stringify(body) } : {})
		});
	const close = () =>
		new Promise<void>((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
	return { ...house, origin, ask, lines, state, close };
}

/** @returns the origin the server answers at */
export async function listen(server: Server): Promise<string> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return `http://127.0.0.1:${port}`;
}
