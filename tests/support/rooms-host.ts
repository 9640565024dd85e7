import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Door, serveBoth } from '../../src/server/both.ts';
import { DEFAULT_LIMITS, readConfig } from '../../src/server/config.ts';
import { createLogger } from '../../src/server/logger.ts';
import { createSyncServer, type SyncServer } from '../../src/server/server.ts';
import type { Handler } from '../../src/server/static.ts';
import { Host } from './host.ts';

/** The built app with its sync server on one port, as `npm start` serves them; rooms outlive a close. */
export class RoomsHost extends Host {
	readonly #folder = mkdtempSync(join(tmpdir(), 'alcove-rooms-'));
	readonly #lines: string[] = [];
	#sync: SyncServer | undefined;

	/** What the server has logged. */
	get log(): string {
		return this.#lines.join('');
	}

	get database(): string {
		return join(this.#folder, 'rooms.db');
	}

	/** Is gone at once, sockets and all. */
	override async close(): Promise<void> {
		// its sockets go first: Node's server waits for them
		const closing = this.#sync?.close();
		this.#sync = undefined;
		await super.close();
		await closing;
	}

	/** Takes what it stored away, when no test needs it any more. */
	remove(): void {
		rmSync(this.#folder, { recursive: true, force: true });
	}

	protected override async door(app: Handler): Promise<Door> {
		const sink = { write: (line: string) => void this.#lines.push(line), close: () => undefined };
		const config = {
			...readConfig({ SYNC_DATABASE: this.database, SYNC_ORIGINS: this.origin }),
			// argon2id at its least cost, and a whole class may register from one machine
			passwordCost: { memory: 8, passes: 1 },
			limits: {
				...DEFAULT_LIMITS,
				accounts: { ...DEFAULT_LIMITS.accounts, register: { burst: 100, every: 1_000 } },
				requests: { burst: 10_000, every: 1 }
			}
		};
		const sync = await createSyncServer(
			config,
			createLogger(sink, 'debug', () => Date.now())
		);
		this.#sync = sync;
		return serveBoth(app, sync);
	}
}
