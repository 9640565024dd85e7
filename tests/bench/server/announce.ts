import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LISTENING } from './job.ts';

/** Listens on a free port and says on which; collects garbage when it is told to, and ends with whoever started it. */
export function announce(server: Server): void {
	process.on('SIGUSR2', () => globalThis.gc?.());
	process.stdin.resume().on('end', () => process.exit());
	server.listen(0, '127.0.0.1', () => console.log(`${LISTENING}${(server.address() as AddressInfo).port}`));
}
