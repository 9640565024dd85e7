/** The sync server on its own: `node src/server/main.ts`. Settings come by the environment, see config.ts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from './clock.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { DatabaseError } from './database.ts';
import { createLogger, openSink } from './logger.ts';
import { createSyncServer } from './server.ts';

/** Milliseconds that clients have to take what is theirs when the server stops. */
const GRACE = 5_000;

function configOrExit(): Config {
	try {
		return readConfig(process.env);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		console.error(error.message);
		process.exit(2);
	}
}

// the database and the log are for this user alone
process.umask(0o077);
const config = configOrExit();
const sink = openSink(config.logFile);
const logger = createLogger(sink, config.logLevel, systemClock.now);
const sync = await createSyncServer(config, logger).catch((error: unknown) => {
	logger.error('cannot start', { error });
	if (error instanceof DatabaseError) console.error(error.message);
	process.exit(1);
});
const server = createServer(sync.request).on('upgrade', sync.upgrade);

server.on('error', (error) => {
	logger.error('cannot listen', { error });
	process.exit(1);
});
server.listen(config.port, config.host, () => {
	const { port } = server.address() as AddressInfo;
	logger.info('listening', { port });
});

function stop(): void {
	logger.info('stopping');
	const cut = setTimeout(() => {
		sync.close().catch(failed);
		server.closeAllConnections();
	}, GRACE);
	server.close(() => {
		clearTimeout(cut);
		sync
			.close()
			.catch(failed)
			.finally(() => {
				logger.info('stopped');
				sink.close();
			});
	});
	server.closeIdleConnections();
	sync.drain().catch((error: unknown) => {
		failed(error);
		server.closeAllConnections();
	});
}

function failed(error: unknown): void {
	logger.error('not stopped well', { error });
	process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
