import { spawnSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { plainHost } from './shell-hosts.ts';

test('a build for a folder works on a plain host, by a deep link and without a network', async ({
	page
}, info) => {
	test.setTimeout(240_000);
	const folder = info.outputPath('build');
	const build = spawnSync(process.execPath, ['scripts/build.ts'], {
		env: { ...process.env, BASE_PATH: '/alcove', BUILD_DIR: folder },
		encoding: 'utf8'
	});
	expect(build.status, build.stderr).toBe(0);

	const host = await plainHost(folder, '/alcove');
	const app = `${host.url}alcove/`;
	const answer = await page.goto(`${app}settings`);
	expect(answer?.status(), 'the deep link is answered by 404.html').toBe(404);
	await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
	await expect(page.getByText('Ready to work offline')).toBeVisible();

	const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
	expect(scope).toBe(app);
	const manifest = await page.evaluate(async () => {
		const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
		const parts = (await (await fetch(link?.href ?? '')).json()) as { icons: { src: string }[] };
		const icons = await Promise.all(parts.icons.map(async ({ src }) => (await fetch(src)).status));
		return { ...parts, icons };
	});
	expect(manifest).toMatchObject({ id: '/alcove/', start_url: '/alcove/', scope: '/alcove/' });
	expect(new Set(manifest.icons)).toEqual(new Set([200]));

	await host.stop();
	await page.reload();
	await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
	await page.goto(app);
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
});
