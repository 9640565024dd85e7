import type { Browser, Locator, Page } from '@playwright/test';
import type { RoomsHost } from '../support/rooms-host.ts';
import { expect } from './fixtures.ts';

/** What people do in rooms. */

export const PASSWORD = 'correct horse battery';

/** Somebody with a browser of their own. */
export async function arrive(
	browser: Browser,
	host: RoomsHost,
	options: Parameters<Browser['newContext']>[0] = {}
) {
	const context = await browser.newContext({ baseURL: host.origin, locale: 'en-US', ...options });
	return { context, page: await context.newPage() };
}

/** Fills in the form that is on the page, and waits until it is gone. */
export async function register(page: Page, name: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Name' }).fill(name);
	await page.getByLabel('Password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Register' }).click();
	await expect(page.getByRole('button', { name: 'Register' })).toHaveCount(0);
}

export async function create(page: Page, title: string, access: 'By invitation' | 'Open'): Promise<void> {
	await page.goto('/rooms');
	await page.getByRole('button', { name: 'New room' }).click();
	await page.getByRole('textbox', { name: 'Name of the room' }).fill(title);
	await page.getByRole('radio', { name: access }).check();
	await page.getByRole('button', { name: 'Create room' }).click();
	await expect(page.getByRole('heading', { name: title })).toBeVisible();
	await expect(page).toHaveURL(/\/room\/[\w-]{22}$/);
}

/** The link that the page gives for its room. */
export async function inviteFrom(page: Page): Promise<string> {
	await page.getByRole('button', { name: 'Invite', exact: true }).click();
	await expect(page.getByText('Anyone with this link can read the room.')).toBeVisible();
	const link = await page.getByRole('textbox', { name: 'Invite link' }).inputValue();
	await expect(page.getByRole('img', { name: 'QR code of the invite link' })).toBeVisible();
	await page.getByRole('button', { name: 'Done' }).click();
	return link;
}

/** Comes in by a link, with a new account. */
export async function enter(page: Page, link: string, name: string): Promise<void> {
	await page.goto(link);
	await expect(page.getByRole('heading', { name: 'You are invited to a room' })).toBeVisible();
	await register(page, name);
	await page.getByRole('button', { name: 'Join' }).click();
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
	// the key is on the device by now, and no longer in the address
	await expect(page).toHaveURL(/\/room\/[\w-]{22}$/);
}

export async function say(page: Page, text: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Message' }).fill(text);
	await page.keyboard.press('Enter');
}

/**
 * Lets a page take what the device would show it of, as nobody looks at it: `shown` and `press` on the window.
 * @returns reads what was shown since the page was loaded
 */
export async function notice(page: Page): Promise<() => Promise<string[]>> {
	await page.context().grantPermissions(['notifications']);
	await page.addInitScript(() => {
		const shown: string[] = [];
		Object.assign(window, { shown });
		document.hasFocus = () => false;
		window.Notification = class extends EventTarget {
			static permission = 'granted';
			static requestPermission = () => Promise.resolve('granted');
			onclick: (() => void) | null = null;
			constructor(title: string, options: NotificationOptions) {
				super();
				shown.push(`${title}: ${options.body ?? ''}`);
				Object.assign(window, { press: () => this.onclick?.() });
			}
			close = () => undefined;
		} as unknown as typeof Notification;
	});
	return () => page.evaluate(() => Reflect.get(window, 'shown') as string[]);
}

/** Has somebody who is logged in notified. */
export async function wantNotices(page: Page): Promise<void> {
	await page.goto('/rooms');
	await page.getByRole('button', { name: 'Notify me of new messages' }).click();
	await expect(page.getByText('You are notified of new messages')).toBeVisible();
}

export function said(page: Page, author: string, text: string): Locator {
	return page
		.getByRole('log', { name: 'Conversation' })
		.getByRole('article', { name: author, exact: true })
		.filter({ hasText: text });
}

export const members = (page: Page) => page.getByRole('list', { name: 'Members' });
