import { findProgram, missing, PROGRAMS, type Program } from '../../tests/cluster/support/programs.ts';
import { installPackages, isDebianRoot } from './debian.ts';

/** Sees to it that PostgreSQL, Redis, nginx and strace are here; installs Debian's where we may, and says what is missing. */
export async function ensureClusterPrograms(): Promise<void> {
	const names = Object.keys(PROGRAMS) as Program[];
	const absent = names.filter((name) => !findProgram(name));
	if (absent.length > 0 && isDebianRoot()) {
		const packages = absent.map((name) => PROGRAMS[name]);
		console.log(`Installing ${packages.join(', ')}.`);
		await installPackages(packages);
	}
	const words = missing(...names);
	if (words) console.error(`${words}\nTests that need them are skipped.`);
}
