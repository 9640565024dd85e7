import type { Page } from '@playwright/test';
import { crash } from '../support/crash.ts';
import { violations } from './axe.ts';
import {
	articles,
	countedTo,
	counts,
	expect,
	offerCounting,
	roomsTest as test,
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
	register,
	said,
	say,
	wantNotices
} from './rooms-people.ts';

test.setTimeout(180_000);

const answers = (page: Page) => articles(page, 'Assistant');
const offer = (page: Page) => page.getByRole('button', { name: 'Offer my model' });

/** Engine workers of a tab. */
const engines = (page: Page) =>
	page.workers().filter((worker) => /(webllm|wllama)/.test(worker.url())).length;

test('one member asks without an engine, another’s device answers, and a third goes on when it dies', async ({
	browser,
	page: ada,
	host
}) => {
	const sentence = offerCounting(host, 400);
	await useModel(ada, 'Counting');
	const { page: eve } = await arrive(browser, host);
	await useModel(eve, 'Counting');
	await ada.goto('/rooms');
	await register(ada, 'ada');
	await create(ada, 'Counting house', 'By invitation');
	const { page: bob } = await arrive(browser, host);
	await enter(bob, await inviteFrom(ada), 'bob');
	await enter(eve, await inviteFrom(ada), 'eve');

	await say(ada, 'The first number is one');
	await expect(said(bob, 'ada', 'The first number')).toBeVisible();
	await say(bob, '@AI count, please');
	for (const page of [ada, bob, eve])
		await expect(answers(page)).toContainText(
			'No device here offers a model. This is answered as soon as one does.'
		);
	await offer(bob).click();
	await expect(bob.getByRole('alert')).toContainText('There is no model in use on this device.');

	await offer(ada).click();
	// the engine has to be loaded first
	await expect(answers(bob)).toContainText('1 2 3', { timeout: 60_000 });
	await Promise.all(
		[ada, bob, eve].map(async (page) => {
			await expect(answers(page)).toHaveAttribute('aria-busy', 'true');
			const before = await countedTo(answers(page));
			await expect.poll(() => countedTo(answers(page))).toBeGreaterThan(before);
		})
	);
	for (const page of [ada, bob, eve])
		await expect(members(page).getByRole('listitem').filter({ hasText: 'ada' })).toContainText(
			'offers Counting'
		);
	expect(await violations(bob), 'an answer that is being written').toEqual([]);
	for (const page of [ada, bob, eve]) {
		await whole(answers(page));
		await expect(answers(page)).toContainText(sentence);
		await expect(answers(page)).toContainText('on ada’s device');
	}
	expect([engines(ada), engines(bob), engines(eve)]).toEqual([1, 0, 0]);
	await answers(bob).getByText('Details').click();
	await expect(answers(bob).getByRole('definition').filter({ hasText: 'ada' })).toBeVisible();
	await expect(answers(bob).getByRole('definition').filter({ hasText: 'Counting' })).toBeVisible();

	// the second answer's host dies in its midst
	await say(bob, '请再数一次 @小助手');
	const second = (page: Page) => answers(page).nth(1);
	await counts(second(bob), 5);
	await expect(second(bob)).toContainText('on ada’s device');
	await offer(eve).click();
	await expect(eve.getByText('This device answers “@AI” here with Counting')).toBeVisible();
	await expect(members(bob).getByRole('listitem').filter({ hasText: 'eve' })).toContainText(
		'offers Counting'
	);
	await counts(second(eve), 20);
	await crash(ada);
	const seen = await countedTo(second(eve));
	expect(seen).toBeLessThan(400);
	for (const page of [bob, eve]) {
		await expect(second(page)).toContainText('on eve’s device', { timeout: 40_000 });
		// it goes on from what was seen
		expect(await countedTo(second(page))).toBeGreaterThanOrEqual(seen);
		await whole(second(page));
		await expect(second(page)).toContainText(sentence);
		await expect(second(page)).toContainText('on eve’s device');
	}

	// the log has one answer for each
	await bob.reload();
	await expect(answers(bob)).toHaveCount(2);
	for (const [index, name] of ['ada', 'eve'].entries()) {
		await expect(answers(bob).nth(index)).toContainText(sentence);
		await expect(answers(bob).nth(index)).toContainText(`on ${name}’s device`);
	}
	await eve.reload();
	await expect(eve.getByText('This device answers “@AI” here with Counting')).toBeVisible();
	await bob.context().close();
	await eve.context().close();
});

test('whoever asked ends an answer, or is told that its host did, and an owner has every message answered', async ({
	browser,
	page: ada,
	host
}) => {
	offerCounting(host, 1200);
	await useModel(ada, 'Counting');
	await ada.goto('/rooms');
	await register(ada, 'ada');
	await create(ada, 'Counting house', 'By invitation');
	const { page: bob } = await arrive(browser, host);
	await enter(bob, await inviteFrom(ada), 'bob');
	const { page: eve } = await arrive(browser, host);
	await enter(eve, await inviteFrom(ada), 'eve');
	await offer(ada).click();
	await expect(bob.getByText('Write “@AI” to ask the model.')).toBeVisible();
	await expect(bob.getByRole('checkbox', { name: 'The model answers every message' })).toHaveCount(0);
	await ada.getByRole('checkbox', { name: 'The model answers every message' }).check();
	await expect(bob.getByText('The model answers every message.')).toBeVisible();

	await say(bob, 'Count');
	// the engine has to be loaded first
	await expect(answers(bob)).toContainText('1 2 3', { timeout: 60_000 });
	await counts(answers(bob), 5);
	await counts(answers(eve), 5);
	await expect(answers(eve).getByRole('button', { name: 'Stop' })).toHaveCount(0);
	await answers(bob).getByRole('button', { name: 'Stop' }).click();
	for (const page of [ada, bob, eve]) {
		await whole(answers(page));
		await expect(answers(page)).toContainText('Stopped');
		await expect(answers(page)).not.toContainText('1200');
	}
	const counted = await countedTo(answers(ada));
	expect(counted).toBeGreaterThanOrEqual(5);
	for (const page of [bob, eve]) expect(await countedTo(answers(page))).toBe(counted);

	// whoever looks elsewhere is told in their language that the host has ended it, and not of what they end
	const room = bob.url();
	const shown = await notice(bob);
	await wantNotices(bob);
	await bob.evaluate(() => localStorage.setItem('alcove:language', 'zh-Hans'));
	await bob.goto(room);
	await bob.getByRole('textbox').fill('Once more');
	await bob.keyboard.press('Enter');
	await counts(answers(ada).nth(1), 5);
	await answers(ada).nth(1).getByRole('button', { name: 'Stop' }).click();
	await whole(answers(ada).nth(1));
	await expect.poll(shown).toEqual(['Counting house: 小助手给您的回答被停止了。']);
	await bob.evaluate(() => localStorage.setItem('alcove:language', 'en'));
	await bob.reload();

	// a device that offers no more leaves what comes to others
	await ada.getByRole('button', { name: 'Stop offering' }).click();
	await expect(members(bob).getByRole('listitem').filter({ hasText: 'ada' })).not.toContainText('offers');
	await say(bob, 'Again');
	await expect(answers(bob).nth(2)).toContainText('No device here offers a model.');
	await answers(bob).nth(2).getByRole('button', { name: 'Stop' }).click();
	for (const page of [ada, bob]) await expect(answers(page).nth(2)).toContainText('Stopped');
	await bob.context().close();
	await eve.context().close();
});
