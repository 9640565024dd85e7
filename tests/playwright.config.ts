import { defineConfig } from '@playwright/test';
import { chromiumLaunch } from './support/chromium.ts';

/** Away from the port of `npm start`, so that both can run; another checkout may choose its own. */
const PORT = Number(process.env['ALCOVE_TEST_PORT'] || 4317);
const origin = `http://127.0.0.1:${PORT}`;

/**
 * The app as it ships: the build that is there, its own server, a real Chromium. `npm test` builds first;
 * by hand: `npm run build && npm run test:browser`. A spec tagged @phone runs on the phone as well,
 * one tagged @phone-only there alone.
 */
export default defineConfig({
	testDir: './browser',
	testMatch: '**/*.spec.ts',
	outputDir: '../test-results/playwright',
	reporter: [['list'], ['json', { outputFile: '../test-results/playwright.json' }]],
	forbidOnly: true,
	fullyParallel: false,
	// a shared machine may starve a browser for seconds: a second try, which the report names
	retries: process.env['CI'] ? 1 : 0,
	// two cores: one for the page and its engine, one for the rest
	workers: 1,
	timeout: 60_000,
	expect: { timeout: 15_000 },
	use: {
		baseURL: origin,
		locale: 'en-US',
		launchOptions: chromiumLaunch(),
		serviceWorkers: 'allow',
		trace: 'retain-on-failure'
	},
	projects: [
		{ name: 'desktop', grepInvert: /@phone-only/, use: { viewport: { width: 1280, height: 800 } } },
		{
			name: 'phone',
			grep: /@phone/,
			use: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
		}
	],
	webServer: {
		command: `"${process.execPath}" scripts/start.ts`,
		cwd: '..',
		env: { PORT: String(PORT), HOST: '127.0.0.1', SYNC: 'off' },
		url: origin,
		reuseExistingServer: false,
		stdout: 'ignore',
		stderr: 'pipe',
		timeout: 120_000,
		gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 }
	}
});
