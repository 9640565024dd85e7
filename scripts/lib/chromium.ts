import { chromiumLaunch } from '../../tests/support/chromium.ts';
import { installPackages, isDebianRoot } from './debian.ts';

const HELP = `No Chromium was found, and the tests drive a real one. One of these gets it:
  npx playwright install --with-deps chromium
  apt-get install chromium fonts-noto-cjk      (Debian, Ubuntu; as root npm test does it by itself)
  CHROMIUM_PATH=/path/to/chrome npm test       (one that is there already)`;

/**
 * Sees to it that there is a Chromium to test with; installs Debian's where we may.
 * The fonts are for Chinese, which is drawn as boxes without them.
 * @returns whether there is one
 */
export async function ensureChromium(): Promise<boolean> {
	if (chromiumLaunch().executablePath) return true;
	if (isDebianRoot()) {
		console.log('No Chromium: installing Debian’s, with fonts for Chinese.');
		const installed = await installPackages(['chromium', 'fonts-noto-cjk']);
		if (installed && chromiumLaunch().executablePath) return true;
	}
	console.error(HELP);
	return false;
}
