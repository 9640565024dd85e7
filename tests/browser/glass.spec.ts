import type { Page, Request } from '@playwright/test';
import { violations } from './axe.ts';
import { articles, ask, expect, roomsTest, SELF_TEST_SENTENCE, test, useModel, whole } from './fixtures.ts';

/** All that leaves the browser for the app's server, the browser's own look for a new version aside. */
function listen(host: { heard: string[] }): string[] {
	host.heard.length = 0;
	return host.heard;
}

const others = (heard: string[]) => heard.filter((path) => path !== '/service-worker.js');
const offline = (page: Page) => page.getByText('Ready to work offline');
const theSwitch = (page: Page) => page.getByRole('switch', { name: 'No network' });

test('with No network on nothing leaves, an answer comes, and a download says what stands in its way @phone', async ({
	page,
	context,
	host
}) => {
	const requests: Request[] = [];
	context.on('request', (request) => requests.push(request));
	await useModel(page, 'Self-test');
	await expect(offline(page)).toBeAttached();
	// the engine is fetched, and kept, when it is used for the first time
	await page.goto('/');
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));

	const other = await context.newPage();
	await other.goto('/glass');
	await expect(theSwitch(other)).not.toBeChecked();
	await page.goto('/settings');
	await theSwitch(page).check();
	await expect(theSwitch(other), 'another tab follows').toBeChecked();

	const heard = listen(host);
	await page.reload();
	await expect(theSwitch(page), 'it survives a reload').toBeChecked();
	// a script that runs before any of the app's, as soon as there is a page
	await page.addInitScript(() => {
		Object.assign(window, {
			early: fetch('/early.json').then((response) => response.headers.get('Alcove-Refused'))
		});
	});
	await page.goto('/');
	expect(await page.evaluate(() => Reflect.get(window, 'early') as Promise<string>)).toBe('no-network');
	await ask(page, 'Hello again');
	await whole(articles(page, 'Assistant'));
	await expect(articles(page, 'Assistant')).toContainText(SELF_TEST_SENTENCE);

	await page.goto('/models');
	await expect(page.getByText('none can be downloaded')).toBeVisible();
	const card = page.getByRole('article', { name: 'SmolLM2 135M' });
	await card.getByRole('button', { name: 'Download' }).click();
	await expect(card.getByRole('alert')).toContainText('The No network switch is on.');
	expect(await violations(page)).toEqual([]);
	expect(others(heard)).toEqual([]);
	const foreign = requests.map((request) => request.url()).filter((url) => /^https?:/.test(url));
	expect(foreign.filter((url) => !url.startsWith(`${host.origin}/`))).toEqual([]);

	await card.getByRole('button', { name: 'Turn it off' }).click();
	await expect(page.getByText('none can be downloaded')).toHaveCount(0);
	await expect(theSwitch(other)).not.toBeChecked();
	expect(await page.evaluate(() => fetch('/early.json').then(({ status }) => status))).toBe(404);
	expect(others(heard)).toContain('/early.json');
});

test('the page of what leaves lists requests with their purpose and bytes, what is stored, and the policy @phone', async ({
	page,
	host
}) => {
	await page.goto('/');
	await expect(offline(page)).toBeAttached();
	await page.goto('/models?secret=1#key');
	const card = page.getByRole('article', { name: 'Self-test' });
	await card.getByRole('button', { name: 'Download' }).click();
	await card.getByRole('button', { name: 'Use' }).click();
	await page.evaluate(() => fetch('/nothing.json?token=secret'));

	await page.getByRole('link', { name: 'What leaves this device' }).click();
	const { host: home } = new URL(host.origin);
	await expect(page.getByText(`${home}: a model`)).toBeVisible();
	await page.getByText('One by one').click();
	const lines = page.getByRole('listitem').filter({ hasText: host.origin });
	await expect(lines.filter({ hasText: 'self-test.gguf' })).toContainText(/a model · [\d.]+ [kM]B received/);
	await expect(lines.filter({ hasText: 'nothing.json' })).toContainText('the app itself');
	await expect(lines.filter({ hasText: 'alcove.json' }).first()).toContainText('the app itself');
	await expect(page.locator('#main')).not.toContainText('secret');
	await expect(page.getByText('https://huggingface.co', { exact: true })).toBeVisible();
	await expect(page.getByText('alcove/models', { exact: true })).toBeVisible();
	await expect(page.getByRole('term').filter({ hasText: 'Self-test' })).toBeVisible();
	expect(await violations(page)).toEqual([]);

	await page.reload();
	await page.getByText('One by one').click();
	await expect(lines.filter({ hasText: 'self-test.gguf' })).toHaveCount(1);
	await page.getByRole('button', { name: 'Clear the record' }).click();
	await expect(page.getByText('No request is on record.')).toBeVisible();
});

roomsTest('with No network on the rooms say so, and their connection ends', async ({ page, host }) => {
	await page.goto('/rooms');
	await page.getByRole('textbox', { name: 'Name' }).fill('ada');
	await page.getByLabel('Password').fill('correct horse battery');
	await page.getByRole('button', { name: 'Register' }).click();
	await expect(page.getByRole('button', { name: 'New room' })).toBeVisible();
	await expect(page.getByText('Connecting…')).toHaveCount(0);
	await page.goto('/glass');
	const connection = page.getByText(`${new URL(host.origin).host}: the open connection of the rooms`);
	await expect(connection).toBeVisible();
	await theSwitch(page).check();
	await page.getByRole('link', { name: 'Rooms' }).click();
	await expect(page.getByText('What you write here is sent when you turn it off.')).toBeVisible();
	const heard = listen(host);
	await page.reload();
	await expect(page.getByText('What you write here is sent when you turn it off.')).toBeVisible();
	expect(others(heard)).toEqual([]);
	await page.goto('/settings');
	await theSwitch(page).uncheck();
	await page.getByRole('link', { name: 'Rooms' }).click();
	await expect(page.getByText('The No network switch is on')).toHaveCount(0);
	await expect(page.getByText('Connecting…')).toHaveCount(0);
});
