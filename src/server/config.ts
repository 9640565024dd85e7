import * as z from 'zod';
import { DEFAULT_ACCOUNT_LIMITS, type AccountLimits } from './accounts/accounts.ts';
import { DEFAULT_COST, type PasswordCost } from './accounts/password.ts';
import { DEFAULT_HUB_LIMITS, type HubLimits } from './hub.ts';
import { LOG_LEVELS, type LogLevel } from './logger.ts';
import type { Rate } from './rate.ts';
import { DEFAULT_ROOM_LIMITS, type RoomLimits } from './rooms/rooms.ts';
import { DEFAULT_SOCKET_LIMITS, type SocketLimits } from './socket.ts';

export interface ServerLimits {
	accounts: AccountLimits;
	rooms: RoomLimits;
	hub: HubLimits;
	sockets: SocketLimits;
	/** HTTP requests of one address. */
	requests: Rate;
}

export interface Config {
	host: string;
	/** 0 takes any that is free. */
	port: number;
	/**
	 * Where everything is kept: the one file of a server that is one process (its folder must exist), or a
	 * PostgreSQL database that any number of processes share.
	 */
	database: { kind: 'file'; path: string } | { kind: 'postgres'; url: string };
	/** Over which the processes tell each other what is new; null when there is but one. */
	redis: string | null;
	/** Origins whose pages may connect, to the letter. */
	origins: string[];
	/** Proxies of our own in front. */
	proxies: number;
	logLevel: LogLevel;
	/** Where lines go: a file that is rotated, or standard output (null). */
	logFile: string | null;
	passwordCost: PasswordCost;
	limits: ServerLimits;
}

/** A setting that the server cannot start with. It names the variable, for whoever set it. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
}

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
	message: 'an origin is written like "https://chat.example", without a slash at its end'
});

const urlOf = (...schemes: string[]) =>
	z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
		message: `an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`
	});

const settings = z.object({
	HOST: z.string().min(1).default('127.0.0.1'),
	SYNC_PORT: z.coerce.number().int().min(0).max(65_535).default(4_180),
	SYNC_DATABASE: z.string().min(1).default('alcove.db'),
	DATABASE_URL: urlOf('postgres:', 'postgresql:').optional(),
	REDIS_URL: urlOf('redis:', 'rediss:').optional(),
	SYNC_ORIGINS: z
		.string()
		.default('http://localhost:4173,http://127.0.0.1:4173')
		.transform((list) => list.split(',').filter((part) => part !== ''))
		.pipe(z.array(origin)),
	SYNC_PROXIES: z.coerce.number().int().min(0).max(8).default(0),
	SYNC_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
	SYNC_LOG_FILE: z.string().min(1).optional()
});

export const DEFAULT_LIMITS: ServerLimits = {
	accounts: DEFAULT_ACCOUNT_LIMITS,
	rooms: DEFAULT_ROOM_LIMITS,
	hub: DEFAULT_HUB_LIMITS,
	sockets: DEFAULT_SOCKET_LIMITS,
	requests: { burst: 300, every: 100 }
};

/**
 * Reads the settings from the environment: HOST, SYNC_PORT, SYNC_DATABASE, SYNC_ORIGINS (with commas between),
 * SYNC_PROXIES, SYNC_LOG_LEVEL, SYNC_LOG_FILE, and for several processes DATABASE_URL and REDIS_URL. An empty variable is one
 * that is not set.
 * @throws ConfigError
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
	const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
	const parsed = settings.safeParse(set);
	if (!parsed.success) {
		const wrong = parsed.error.issues.map(({ path, message }) => `${path[0]?.toString() ?? ''}: ${message}`);
		throw new ConfigError(wrong.join('\n'));
	}
	const { HOST, SYNC_PORT, SYNC_ORIGINS, SYNC_PROXIES, SYNC_LOG_LEVEL, SYNC_LOG_FILE } = parsed.data;
	const { SYNC_DATABASE, DATABASE_URL, REDIS_URL } = parsed.data;
	if (REDIS_URL && !DATABASE_URL) {
		throw new ConfigError(
			'REDIS_URL: processes that share a bus must share a database; set DATABASE_URL too'
		);
	}
	return {
		host: HOST,
		port: SYNC_PORT,
		database: DATABASE_URL ? { kind: 'postgres', url: DATABASE_URL } : { kind: 'file', path: SYNC_DATABASE },
		redis: REDIS_URL ?? null,
		origins: SYNC_ORIGINS,
		proxies: SYNC_PROXIES,
		logLevel: SYNC_LOG_LEVEL,
		logFile: SYNC_LOG_FILE ?? null,
		passwordCost: DEFAULT_COST,
		limits: DEFAULT_LIMITS
	};
}
