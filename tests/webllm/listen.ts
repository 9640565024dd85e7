import { createServer, type RequestListener } from 'node:http';

export interface Listening {
	/** "http://127.0.0.1:" and the port. */
	origin: string;
	/** Ends the server and every connection to it. */
	kill(): Promise<void>;
}

/** Serves on a free port of this machine. */
export async function listen(handler: RequestListener): Promise<Listening> {
	const server = createServer(handler);
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
	return {
		origin: `http://127.0.0.1:${address.port}`,
		kill: async () => {
			if (!server.listening) return;
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		}
	};
}
