import { existsSync } from 'node:fs';
import { chromiumLaunch } from '../../tests/support/chromium.ts';
import { run } from './process.ts';

const HELP = `No Chromium was found, and the tests drive a real one. One of these gets it:
  npx playwright install --with-deps chromium
  apt-get install chromium fonts-noto-cjk      (Debian, Ubuntu; as root npm test does it by itself)
  CHROMIUM_PATH=/path/to/chrome npm test       (one that is there already)`;

function isDebianRoot(): boolean {
	return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/**
 * Sees to it that there is a Chromium to test with; installs Debian's where we may.
 * The fonts are for Chinese, which is drawn as boxes without them.
 * @returns whether there is one
 */
export async function ensureChromium(): Promise<boolean> {
	if (chromiumLaunch().executablePath) return true;
	if (isDebianRoot()) {
		console.log('No Chromium: installing Debian’s, with fonts for Chinese.');
		const env = { DEBIAN_FRONTEND: 'noninteractive' };
		const packages = ['chromium', 'fonts-noto-cjk'];
		const listed = await run('apt-get', ['update', '-qq'], { env });
		const installed = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
			env
		});
		if (listed && installed && chromiumLaunch().executablePath) return true;
	}
	console.error(HELP);
	return false;
}
