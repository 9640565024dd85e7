import { readFileSync } from 'node:fs';
import { HOSTILE } from '../support/hostile.ts';
import { violations } from './axe.ts';
import {
	ask,
	articles,
	expect,
	openMenu,
	roomsTest as test,
	SELF_TEST_SENTENCE,
	test as plainTest,
	useModel,
	whole
} from './fixtures.ts';
import {
	arrive,
	create,
	enter,
	inviteFrom,
	members,
	notice,
	PASSWORD,
	register,
	said,
	say,
	wantNotices
} from './rooms-people.ts';

test.setTimeout(120_000);

test('three people meet in a room by its link, and talk', async ({ browser, page: ada, host }) => {
	const { page: bob } = await arrive(browser, host);
	const { page: eve } = await arrive(browser, host);
	await ada.goto('/');
	await ada.getByRole('link', { name: 'Rooms' }).click();
	await register(ada, 'ada');
	await create(ada, 'Reading circle', 'By invitation');
	const link = await inviteFrom(ada);
	expect(link).toMatch(new RegExp(`^${host.origin}/room/[\\w-]{22}#[\\w.-]+$`));
	await enter(bob, link, 'bob');
	await enter(eve, link, 'eve');
	await expect(bob.getByRole('heading', { name: 'Reading circle' })).toBeVisible();

	await say(ada, 'Shall we read **Middlemarch**?');
	for (const page of [ada, bob, eve]) {
		await expect(said(page, 'ada', 'Shall we read Middlemarch?').locator('strong')).toHaveText('Middlemarch');
	}
	// a name is offered as it begins, and what is written outlives a reload
	const field = bob.getByRole('textbox', { name: 'Message' });
	const offered = bob.getByRole('listbox', { name: 'Mention somebody' });
	await field.pressSequentially('Gladly, @');
	await expect(offered.getByRole('option')).toHaveText(['@AI', '@ada', '@eve']);
	await field.press('ArrowDown');
	await expect(offered.getByRole('option', { selected: true })).toHaveText('@ada');
	await field.press('Escape');
	await expect(offered).toHaveCount(0);
	await bob.reload();
	await expect(field).toHaveValue('Gladly, @');
	await field.press('End');
	await field.pressSequentially('A');
	await expect(offered.getByRole('option')).toHaveText(['@AI', '@ada']);
	await offered.getByRole('option', { name: '@ada' }).click();
	await expect(field).toBeFocused();
	await expect(field).toHaveValue('Gladly, @ada ');
	await field.press('Enter');
	for (const page of [ada, bob, eve]) await expect(said(page, 'bob', 'Gladly')).toBeVisible();
	await expect(said(ada, 'bob', 'Gladly')).toContainText('names you');
	await expect(said(bob, 'bob', 'Gladly')).toContainText(/Seen by .*ada/);

	// who is here, and who writes
	for (const name of ['ada (you)', 'bob', 'eve']) {
		await expect(members(ada).getByRole('listitem').filter({ hasText: name })).toContainText('here');
	}
	await eve.getByRole('textbox', { name: 'Message' }).pressSequentially('I am wri');
	await expect(ada.getByText('eve writing…')).toBeVisible();
	await eve.context().close();
	await expect(members(ada).getByRole('listitem').filter({ hasText: 'eve' })).toContainText('away');

	await ada.reload();
	await expect(said(ada, 'ada', 'Shall we read')).toBeVisible();
	await expect(said(ada, 'bob', 'Gladly')).toBeVisible();

	// the server never had a word of it
	const files = ['', '-wal'].map((end) => readFileSync(host.database + end).toString('latin1'));
	const database = files.join('') + host.log;
	for (const words of ['Middlemarch', 'Gladly', 'Reading circle', PASSWORD])
		expect(database).not.toContain(words);
	await bob.context().close();
});

test('a message is answered, reacted to, changed, and deleted for all', async ({
	browser,
	page: ada,
	host
}) => {
	await ada.goto('/rooms');
	await register(ada, 'ada');
	await create(ada, 'Kitchen', 'By invitation');
	const { page: bob, context } = await arrive(browser, host);
	await enter(bob, await inviteFrom(ada), 'bob');
	await say(ada, 'Who brings bread?');
	await said(bob, 'ada', 'Who brings bread?').getByRole('button', { name: 'Reply' }).click();
	await expect(bob.getByRole('textbox', { name: 'Message' })).toBeFocused();
	await say(bob, 'I do');
	await expect(said(ada, 'bob', 'I do')).toContainText('Who brings bread?');
	await said(ada, 'bob', 'I do').getByRole('button', { name: 'React' }).click();
	await ada.getByRole('button', { name: 'Heart' }).click();
	await expect(said(bob, 'bob', 'I do').getByRole('button', { name: '❤️ by ada' })).toBeVisible();
	await said(bob, 'bob', 'I do').getByRole('button', { name: 'Edit' }).click();
	await bob.getByRole('textbox', { name: 'Edited message' }).fill('I bring two');
	await bob.keyboard.press('Enter');
	await expect(said(ada, 'bob', 'I bring two')).toContainText('edited');
	await said(bob, 'bob', 'I bring two').getByRole('button', { name: 'Delete for everybody' }).click();
	await expect(ada.getByText('bob deleted a message.')).toBeVisible();
	await expect(said(ada, 'bob', 'I bring two')).toHaveCount(0);
	await context.close();
});

test('who was removed reads nothing new, and a device with the old key is told every way to the new one', async ({
	browser,
	page: ada,
	host
}) => {
	await ada.goto('/rooms');
	await register(ada, 'ada');
	await create(ada, 'Attic', 'By invitation');
	const room = ada.url();
	const link = await inviteFrom(ada);
	await ada.goto('/account');
	await ada.getByLabel('Passphrase').fill(PASSWORD);
	const saved = ada.waitForEvent('download');
	await ada.getByRole('button', { name: 'Save a backup' }).click();
	const backup = await (await saved).path();
	await ada.goto(room);
	const { page: bob, context } = await arrive(browser, host);
	await enter(bob, link, 'bob');
	await say(ada, 'Before the door closed');
	await expect(said(bob, 'ada', 'Before the door closed')).toBeVisible();
	await ada.getByRole('button', { name: 'Remove bob' }).click();
	await ada.getByRole('alertdialog').getByRole('button', { name: 'Remove bob' }).click();
	await expect(bob.getByText('You were removed from this room.')).toBeVisible();
	await expect(bob.getByRole('textbox', { name: 'Message' })).toHaveCount(0);
	await say(ada, 'After the door closed');
	await expect(said(ada, 'ada', 'After the door closed')).toContainText('On the server');
	// the old link lets nobody in again, and what was said before stays readable
	await bob.goto(link);
	await expect(said(bob, 'ada', 'Before the door closed')).toBeVisible();
	await expect(bob.getByText('After the door closed')).toHaveCount(0);
	await bob.goto('/rooms');
	await bob.getByRole('button', { name: 'Join', exact: true }).click();
	await bob.getByRole('textbox', { name: 'Invite link' }).fill(link);
	await bob.getByRole('button', { name: 'Join by this link' }).click();
	await expect(bob.getByRole('alert')).toContainText('the invite has run out');
	await context.close();

	const { page: laptop, context: other } = await arrive(browser, host);
	await laptop.goto('/account');
	await laptop.getByRole('button', { name: 'I have an account' }).click();
	await laptop.getByRole('textbox', { name: 'Name' }).fill('ada');
	await laptop.getByLabel('Password').fill(PASSWORD);
	await laptop.getByRole('button', { name: 'Log in' }).click();
	await laptop.getByLabel('Passphrase').fill(PASSWORD);
	await laptop.getByLabel('Open a backup…').setInputFiles(backup);
	await expect(laptop.getByText('Rooms that got their key: 1.')).toBeVisible();
	await laptop.goto(room);
	const ways = laptop.getByRole('region', { name: 'Ways to get the new key' });
	await expect(ways).toBeVisible();
	await expect(said(laptop, 'ada', 'Before the door closed')).toBeVisible();
	expect(await violations(laptop)).toEqual([]);
	await ways.getByRole('textbox', { name: 'Invite link' }).fill(link);
	await ways.getByRole('button', { name: 'Join by this link' }).click();
	await expect(ways.getByRole('alert')).toContainText('an older key');
	await ways.getByRole('link', { name: 'To the backup of the room keys' }).click();
	await expect(laptop.getByRole('region', { name: 'Backup of the room keys' })).toBeFocused();
	// a link is as good when it is opened as when it is pasted
	await laptop.goto(await inviteFrom(ada));
	await expect(said(laptop, 'ada', 'After the door closed')).toBeVisible();
	await say(laptop, 'Here I am');
	await expect(said(ada, 'ada', 'Here I am')).toBeVisible();
	await other.close();
});

test('open rooms are found by their name, and what is taken is told', async ({
	browser,
	page: ada,
	host
}) => {
	await ada.goto('/account');
	await register(ada, 'ada');
	await create(ada, 'Garden', 'Open');
	await say(ada, 'Come in');
	const { page: bob, context } = await arrive(browser, host);
	await bob.goto('/account');
	await bob.getByRole('textbox', { name: 'Name' }).fill('ADA');
	await bob.getByLabel('Password').fill(PASSWORD);
	await bob.getByRole('button', { name: 'Register' }).click();
	await expect(bob.getByText('This name is taken. Choose another one, or log in')).toBeVisible();
	await expect(bob.getByRole('textbox', { name: 'Name' })).toBeFocused();
	await bob.getByRole('textbox', { name: 'Name' }).fill('bob');
	await bob.getByLabel('Password').fill('short');
	await bob.getByRole('button', { name: 'Register' }).click();
	await expect(bob.getByText('Choose a password of 8 to 256 characters.')).toBeVisible();
	await register(bob, 'bob');

	await bob.goto('/rooms');
	await bob.getByRole('button', { name: 'New room' }).click();
	await bob.getByRole('textbox', { name: 'Name of the room' }).fill('garden');
	await bob.getByRole('radio', { name: 'Open' }).check();
	await bob.getByRole('button', { name: 'Create room' }).click();
	await expect(bob.getByRole('alert')).toContainText('This name is taken.');
	await bob.getByRole('button', { name: 'Cancel' }).click();

	await bob.getByRole('button', { name: 'Join', exact: true }).click();
	await bob.getByRole('button', { name: 'Join Garden' }).click();
	await expect(said(bob, 'ada', 'Come in')).toBeVisible();
	await expect(bob.getByText('whoever runs the server can read it')).toBeVisible();

	// the only owner cannot go while others are there
	await ada.getByRole('button', { name: 'Leave the room' }).click();
	await ada.getByRole('alertdialog').getByRole('button', { name: 'Leave the room' }).click();
	await expect(ada.getByRole('alert')).toContainText('Make somebody else an owner first');
	await context.close();
});

test('what is written without a connection goes out when there is one', async ({ page, host }) => {
	await page.goto('/rooms');
	await register(page, 'ada');
	await create(page, 'Cabin', 'By invitation');
	await say(page, 'With a connection');
	await expect(said(page, 'ada', 'With a connection')).toContainText('On the server');
	await host.close();
	await expect(page.getByText('No connection. You can go on writing')).toBeVisible();
	await say(page, 'Without one');
	await expect(said(page, 'ada', 'Without one')).toContainText('Not sent yet');
	await host.open();
	await expect(said(page, 'ada', 'Without one')).toContainText('On the server', { timeout: 40_000 });
});

test('whoever comes late reads all that was said, checked beside the page', async ({
	browser,
	page: ada,
	host
}) => {
	const { page: bob } = await arrive(browser, host);
	await ada.goto('/rooms');
	await register(ada, 'ada');
	await create(ada, 'Minutes', 'By invitation');
	const link = await inviteFrom(ada);
	for (let n = 1; n <= 40; n++) await say(ada, `Item ${n}`);
	await expect(said(ada, 'ada', 'Item 40')).toContainText('On the server');
	const checkers: string[] = [];
	bob.on('worker', (worker) => checkers.push(...(worker.url().match(/checker/) ?? [])));
	await enter(bob, link, 'bob');
	await expect(said(bob, 'ada', 'Item 40')).toBeVisible();
	await expect(bob.getByRole('article', { name: 'ada' }).filter({ hasText: /Item \d+/ })).toHaveCount(40);
	expect(checkers).not.toEqual([]);
});

test('the account is left, entered again and deleted', async ({ page }) => {
	await page.goto('/account');
	await register(page, 'ada');
	await expect(page.getByText('Logged in as ada.')).toBeVisible();
	await page.getByLabel('Current password').fill('not this one');
	await page.getByLabel('New password').fill('a new password');
	await page.getByRole('button', { name: 'Change password' }).click();
	await expect(page.getByRole('alert')).toContainText('The name or the password is wrong.');
	await page.getByLabel('Current password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Change password' }).click();
	await expect(page.getByText('The password was changed.')).toBeVisible();
	await page.getByRole('button', { name: 'Log out', exact: true }).click();
	await page.getByRole('button', { name: 'I have an account' }).click();
	await page.getByRole('textbox', { name: 'Name' }).fill('ada');
	await page.getByLabel('Password').fill('a new password');
	await page.getByRole('button', { name: 'Log in' }).click();
	await expect(page.getByText('Logged in as ada.')).toBeVisible();
	await page.reload();
	await expect(page.getByText('Logged in as ada.')).toBeVisible();
	await page.getByRole('button', { name: 'Delete account…' }).click();
	await page.getByLabel('Your password, to confirm').fill('a new password');
	await page.getByRole('button', { name: 'Delete account', exact: true }).click();
	await expect(page.getByText('The account was deleted.')).toBeVisible();
});

test('who wants it is notified of a message while they look elsewhere, and led to its room @phone', async ({
	browser,
	page: ada,
	host
}) => {
	const shown = await notice(ada);
	await useModel(ada, 'Self-test');
	await ada.goto('/rooms');
	await register(ada, 'ada');
	await wantNotices(ada);
	await create(ada, 'Porch', 'By invitation');
	const link = await inviteFrom(ada);
	await ada.goto('/');
	const { page: bob, context } = await arrive(browser, host);
	await enter(bob, link, 'bob');
	await say(bob, 'Anybody home?');
	await expect.poll(shown).toEqual(['Porch: bob: Anybody home?']);
	// in a private chat, the way to the rooms says so, as does the button that a phone hides it behind
	const menu = ada.getByRole('button', { name: 'Menu' });
	if (await menu.isVisible()) await expect(menu).toHaveAccessibleDescription('1 unread');
	await openMenu(ada);
	const toRooms = ada.getByRole('navigation').getByRole('link', { name: 'Rooms' });
	await expect(toRooms).toHaveAccessibleName('Rooms 1 unread');
	await say(bob, 'Hey, @ada');
	await expect(toRooms).toHaveAccessibleName('Rooms 2 unread, one names you');
	expect(await violations(ada)).toEqual([]);
	await ada.goto('/rooms');
	await expect(ada.getByRole('link', { name: 'Porch' })).toContainText(
		/Porch\s*2\s*unread messages, one of them names you\s*bob: Hey, @ada/
	);

	// the list of a phone does not stay over the room that a notification leads to
	await openMenu(ada);
	await say(bob, 'The lamp is on');
	await expect.poll(shown).toEqual(['Porch: bob: The lamp is on']);
	await ada.evaluate(() => (Reflect.get(window, 'press') as () => void)());
	await expect(said(ada, 'bob', 'The lamp is on')).toBeVisible();
	await expect(ada.locator('#main')).not.toHaveAttribute('inert');
	if (!(await menu.isVisible())) await expect(toRooms).toHaveAccessibleName('Rooms');
	else await expect(menu).toHaveAccessibleDescription('');

	// who asks the model is told of its answer, and nobody else
	await ada.getByRole('button', { name: 'Offer my model' }).click();
	await say(bob, '@AI hello');
	await whole(articles(bob, 'Assistant'));
	await expect(articles(bob, 'Assistant')).toContainText(SELF_TEST_SENTENCE);
	await say(ada, '@AI hello');
	await expect
		.poll(async () => (await shown()).slice(1))
		.toEqual(['Porch: bob: @AI hello', `Porch: AI answered you: ${SELF_TEST_SENTENCE}`]);
	await context.close();
});

test('nobody is notified who looks at the app in another of its tabs', async ({
	browser,
	page: ada,
	host
}) => {
	const shown = await notice(ada);
	await ada.goto('/rooms');
	await register(ada, 'ada');
	await wantNotices(ada);
	await create(ada, 'Porch', 'By invitation');
	const link = await inviteFrom(ada);
	await ada.goto('/rooms');
	const { page: bob, context } = await arrive(browser, host);
	await enter(bob, link, 'bob');

	const looked = await ada.context().newPage();
	await looked.goto('/rooms');
	const porch = (page: typeof ada) => page.getByRole('main').getByRole('link', { name: 'Porch' });
	await expect(porch(looked)).toBeVisible();
	await say(bob, 'Anybody home?');
	for (const page of [ada, looked]) await expect(porch(page)).toContainText('bob: Anybody home?');
	await looked.close();
	await say(bob, 'Knock, knock');
	await expect.poll(shown).toEqual(['Porch: bob: Knock, knock']);
	await context.close();
});

test('a guest talks to the model alone, as ever', async ({ page, host }) => {
	const asked: string[] = [];
	page.on('request', (request) => asked.push(new URL(request.url()).pathname));
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));
	await expect(articles(page, 'Assistant')).toContainText(SELF_TEST_SENTENCE);
	expect(asked.filter((path) => path.startsWith('/api/'))).toEqual([]);
	expect(host.log).not.toContain('/api/');
});

test('hostile text does nothing in a room, not even by its name', async ({ browser, page: ada, host }) => {
	const { page: bob, context } = await arrive(browser, host);
	const troubles: string[] = [];
	for (const page of [ada, bob]) {
		page.on('dialog', (dialog) => {
			troubles.push(dialog.message());
			void dialog.dismiss();
		});
		page.on('request', (request) => {
			if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(host.origin))
				troubles.push(request.url());
		});
		page.on('console', (message) => {
			if (/Content.Security.Policy|Trusted/.test(message.text())) troubles.push(message.text());
		});
	}
	await ada.goto('/rooms');
	await register(ada, 'ada');
	const title = '<img src=x onerror=window.pwned=1>';
	await create(ada, title, 'By invitation');
	await enter(bob, await inviteFrom(ada), 'bob');
	await expect(bob.getByRole('heading', { name: title })).toBeVisible();
	for (const text of HOSTILE) {
		await say(ada, text);
		await expect(ada.getByRole('textbox', { name: 'Message' })).toHaveValue('');
	}
	await say(ada, 'That was all');
	await expect(said(bob, 'ada', 'That was all')).toBeVisible();
	const log = bob.getByRole('log', { name: 'Conversation' });
	const earlier = bob.getByRole('button', { name: 'Show earlier messages' });
	while (await earlier.isVisible()) {
		const before = await log.getByRole('article').count();
		await earlier.click();
		await expect.poll(() => log.getByRole('article').count()).toBeGreaterThan(before);
	}
	await expect(log.getByRole('article')).toHaveCount(HOSTILE.length + 1);
	await bob.goto('/rooms');
	await expect(bob.getByRole('link', { name: title })).toBeVisible();
	for (const page of [ada, bob]) {
		expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
		await expect(
			page.locator('#main :is(script, img, iframe, object, embed, form[action], base, style)')
		).toHaveCount(0);
	}
	expect(troubles).toEqual([]);
	await context.close();
});

plainTest('a host without a sync server says so, and nothing else', async ({ page }) => {
	await page.goto('/rooms');
	await expect(page.getByText('There is no sync server on this site')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Register' })).toHaveCount(0);
	expect(await violations(page)).toEqual([]);
});

for (const scheme of ['light', 'dark'] as const) {
	test(`axe finds nothing in the rooms: ${scheme} @phone`, async ({ page }) => {
		await page.emulateMedia({ colorScheme: scheme });
		await page.goto('/account');
		await page.getByRole('button', { name: 'Register' }).waitFor();
		expect(await violations(page), 'register').toEqual([]);
		await register(page, 'ada');
		expect(await violations(page), 'account').toEqual([]);
		await page.goto('/rooms');
		await page.getByRole('button', { name: 'New room' }).click();
		expect(await violations(page), 'new room').toEqual([]);
		await page.getByRole('button', { name: 'Cancel' }).click();
		await page.getByRole('button', { name: 'Join', exact: true }).click();
		await expect(page.getByText('No other open room was found.')).toBeVisible();
		expect(await violations(page), 'join').toEqual([]);
		await page.getByRole('button', { name: 'Cancel' }).click();
		await create(page, 'Garden', 'By invitation');
		await say(page, 'A message with `code` and [a link](https://example.org)');
		await expect(said(page, 'ada', 'A message')).toContainText('On the server');
		await said(page, 'ada', 'A message').getByRole('button', { name: 'React' }).click();
		expect(await violations(page), 'a room').toEqual([]);
		await page.getByRole('textbox', { name: 'Message' }).pressSequentially('@');
		await expect(page.getByRole('option', { name: '@AI' })).toBeVisible();
		expect(await violations(page), 'a mention').toEqual([]);
		await page.getByRole('button', { name: 'Invite', exact: true }).click();
		await expect(page.getByRole('img', { name: 'QR code of the invite link' })).toBeVisible();
		expect(await violations(page), 'invite').toEqual([]);
	});
}
