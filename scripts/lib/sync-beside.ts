import type { Door } from '../../src/server/both.ts';
import type { Handler } from '../../src/server/static.ts';

export interface Beside {
	door: Door;
	/** Stores and acknowledges what was accepted, and closes the sockets. */
	drain: () => Promise<void>;
	/** Closes the database, once no request is open. */
	close: () => Promise<void>;
}

/**
 * Opens the sync server beside the app, on the app's port. Only what goes wrong is logged, unless SYNC_LOG_LEVEL says more.
 * @param origins where the app is found, for as long as SYNC_ORIGINS names no others
 * @throws ConfigError, DatabaseError, and the database's own errors
 */
export async function openSyncBeside(
	app: Handler,
	{ base, origins }: { base: string; origins: string[] }
): Promise<Beside> {
	// who serves the app alone needs none of it
	const [{ readConfig }, { createLogger, openSink }, { createSyncServer }, { serveBoth }] = await Promise.all(
		[
			import('../../src/server/config.ts'),
			import('../../src/server/logger.ts'),
			import('../../src/server/server.ts'),
			import('../../src/server/both.ts')
		]
	);
	// the database is for this user alone
	process.umask(0o077);
	const set = Object.entries(process.env).filter(([, value]) => value !== '');
	const defaults = { SYNC_ORIGINS: origins.join(','), SYNC_LOG_LEVEL: 'warn' };
	const config = readConfig({ ...defaults, ...Object.fromEntries(set) });
	const logger = createLogger(openSink(config.logFile), config.logLevel, () => Date.now());
	const sync = await createSyncServer(config, logger);
	return { door: serveBoth(app, sync, base), drain: () => sync.drain(), close: () => sync.close() };
}
