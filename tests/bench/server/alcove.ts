/**
 * Our server as it ships, with the limits out of the way that keep one machine from pretending to be a thousand
 * people. Accounts, membership, numbering, deduplication and the wait for the disk are what they always are.
 */
import { createServer } from 'node:http';
import { readConfig } from '../../../src/server/config.ts';
import { createLogger, openSink } from '../../../src/server/logger.ts';
import { createSyncServer } from '../../../src/server/server.ts';
import { announce } from './announce.ts';

const FREE = { burst: 1e12, every: 1e-6 };

const settings = readConfig(process.env);
const { limits } = settings;
const config = {
	...settings,
	passwordCost: { memory: 8, passes: 1 },
	limits: {
		accounts: { ...limits.accounts, register: FREE },
		rooms: { ...limits.rooms, create: FREE, join: FREE },
		hub: { sends: FREE, signals: FREE },
		sockets: { ...limits.sockets, connectionsPerAddress: 10_000 },
		requests: FREE
	}
};
const sink = openSink(settings.logFile);
const sync = await createSyncServer(config, createLogger(sink, settings.logLevel, Date.now));
const http = createServer(sync.request).on('upgrade', sync.upgrade);

announce(http);
