import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { run } from './process.ts';

/** Whether packages may be installed here without asking anybody. */
export function isDebianRoot(): boolean {
	return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** Debian asks this before it starts what it has installed: 101 means no. */
const START_POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs packages of Debian's; the servers among them are not started.
 * @returns whether all are there now
 */
export async function installPackages(packages: string[]): Promise<boolean> {
	const env = { DEBIAN_FRONTEND: 'noninteractive' };
	const ours = !existsSync(START_POLICY);
	if (ours) writeFileSync(START_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
	try {
		const listed = await run('apt-get', ['update', '-qq'], { env });
		const arguments_ = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
		return (await run('apt-get', arguments_, { env })) && listed;
	} finally {
		if (ours) rmSync(START_POLICY, { force: true });
	}
}
