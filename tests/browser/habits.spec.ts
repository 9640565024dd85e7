import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import {
	articles,
	ask,
	counts,
	expect,
	listen,
	offerCounting,
	SELF_TEST_SENTENCE,
	test,
	useModel,
	whole
} from './fixtures.ts';

test('an answer is told to a screen reader once a sentence, politely', async ({ page }) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	const said = await listen(page);
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));
	const sentences = SELF_TEST_SENTENCE.split(/(?<=[.!]) /);
	const told = async () => (await said()).filter((line) => SELF_TEST_SENTENCE.includes(line));
	await expect.poll(told).toEqual(sentences);
	// which of these there was time for depends on how fast the engine came
	expect((await said())[0]).toMatch(/^(Waiting for its turn…|Loading Self-test: \d+%|Reading…)$/);
	// the conversation itself stays silent
	await expect(page.getByRole('log')).toHaveAttribute('aria-live', 'off');
});

test('what an answer waits for is told, and that it was stopped', async ({ page, host }) => {
	offerCounting(host);
	await page.goto('/');
	const said = await listen(page);
	await ask(page, 'Count');
	await expect.poll(said).toContain('The answer comes as soon as you choose a model.');

	await useModel(page, 'Counting');
	await page.goto('/');
	const saidNow = await listen(page);
	await ask(page, 'Count');
	await counts(articles(page, 'Assistant'), 5);
	await page.getByRole('button', { name: 'Stop' }).click();
	await expect.poll(async () => (await saidNow()).at(-1)).toBe('Stopped');
});

test('the screen stays on while an answer is written, and no longer', async ({ page, host }) => {
	offerCounting(host);
	await page.addInitScript(() => {
		const locks: WakeLockSentinel[] = [];
		const request = navigator.wakeLock.request.bind(navigator.wakeLock);
		navigator.wakeLock.request = async (type) => {
			const lock = await request(type);
			locks.push(lock);
			return lock;
		};
		Object.assign(window, { locks });
	});
	const held = () =>
		page.evaluate(() =>
			(window as unknown as { locks: WakeLockSentinel[] }).locks.map(({ released }) => !released)
		);
	await useModel(page, 'Counting');
	await page.goto('/');
	expect(await held()).toEqual([]);
	await ask(page, 'Count');
	await counts(articles(page, 'Assistant'), 5);
	expect(await held()).toEqual([true]);
	await page.getByRole('button', { name: 'Stop' }).click();
	await whole(articles(page, 'Assistant'));
	await expect.poll(held).toEqual([false]);
});

test('a browser that cannot keep the screen on answers all the same', async ({ page }) => {
	await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'wakeLock'));
	const errors: Error[] = [];
	page.on('pageerror', (error) => errors.push(error));
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));
	await expect(articles(page, 'Assistant')).toContainText(SELF_TEST_SENTENCE);
	expect(errors).toEqual([]);
});

test('the text size is chosen in the settings, and stays @phone', async ({ page }) => {
	await page.goto('/settings');
	const size = () =>
		page
			.locator('h1')
			.first()
			.evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
	const normal = await size();
	await page.getByRole('radio', { name: 'Larger' }).check();
	expect(await size()).toBeCloseTo(normal * 1.5);
	expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
	await page.reload();
	await expect(page.getByRole('radio', { name: 'Larger' })).toBeChecked();
	expect(await size()).toBeCloseTo(normal * 1.5);
});

for (const { name, width, scale } of [
	{ name: 'at 320 pixels, in the largest text', width: 320, scale: '' },
	{ name: 'at twice the text on a small window', width: 640, scale: '200%' }
]) {
	test(`nothing is cut off at the side ${name}`, async ({ page }) => {
		await page.setViewportSize({ width, height: 640 });
		await page.addInitScript(() => localStorage.setItem('alcove:text', 'larger'));
		await page.goto('/');
		await ask(page, 'Hello');
		const link = new URL(await page.waitForURL(/chat/).then(() => page.url())).pathname;
		for (const path of [link, '/', '/models', '/device', '/rooms', '/account', '/settings', '/nowhere']) {
			await page.goto(path);
			await page.evaluate((to) => (document.documentElement.style.fontSize = to), scale);
			await page.locator('#main h1').first().waitFor();
			expect(await sticksOut(page), path).toEqual([]);
		}
	});
}

test('the keyboard never loses its place', async ({ page, host }) => {
	offerCounting(host);
	await useModel(page, 'Counting');
	const composer = page.getByRole('textbox', { name: 'Message' });
	const list = page.getByRole('navigation', { name: 'Conversations' });
	const press = async (name: string) => {
		await page.getByRole('button', { name, exact: true }).last().focus();
		await page.keyboard.press('Enter');
	};
	await list.getByRole('link', { name: 'Settings' }).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('main')).toBeFocused();
	await list.getByRole('button', { name: 'New chat' }).focus();
	await page.keyboard.press('Enter');
	await expect(composer).toBeFocused();

	await page.keyboard.type('First');
	await page.keyboard.press('Enter');
	const answer = articles(page, 'Assistant');
	await counts(answer, 3);
	await expect(composer).toBeFocused();
	await press('Stop');
	await whole(answer);
	await expect(composer).toBeFocused();
	await press('Try again');
	await expect(answer).toHaveAttribute('aria-busy', 'true');
	await expect(answer.getByRole('button', { name: 'Try again' })).toHaveCount(0);
	await expect(page.locator('body')).not.toBeFocused();

	await list.getByRole('button', { name: 'New chat' }).focus();
	await page.keyboard.press('Enter');
	await expect(composer).toBeFocused();
	await expect(articles(page, 'You')).toHaveCount(0);
	await page.keyboard.type('Second');
	await page.keyboard.press('Enter');
	await expect(list.getByRole('link', { name: 'Second' })).toBeVisible();
	await press('Delete “First”');
	await expect(list.getByRole('link', { name: 'First' })).toHaveCount(0);
	await expect(list.getByRole('link', { name: 'Second' })).toBeFocused();
	await press('Delete “Second”');
	await expect(composer).toBeFocused();
	await press('Undo');
	await expect(page).toHaveURL(/chat/);
	await expect(page.locator('body')).not.toBeFocused();
});

test('a swipe from the side opens the list, a swipe back or Escape closes it @phone-only', async ({
	page
}) => {
	await page.goto('/');
	const menu = page.getByRole('button', { name: 'Menu' });
	const input = await page.context().newCDPSession(page);
	const swipe = async (from: number, to: number) => {
		await input.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: from, y: 400 }] });
		await input.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: to, y: 410 }] });
		await input.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
	};
	await page.waitForLoadState('networkidle');
	await swipe(200, 380);
	await expect(menu).toHaveAttribute('aria-expanded', 'false');
	await swipe(10, 200);
	await expect(menu).toHaveAttribute('aria-expanded', 'true');
	await expect(menu).toBeFocused();
	await swipe(300, 100);
	await expect(menu).toHaveAttribute('aria-expanded', 'false');
	await menu.click();
	await page.keyboard.press('Escape');
	await expect(menu).toHaveAttribute('aria-expanded', 'false');
	await expect(menu).toBeFocused();

	await menu.click();
	await page.locator('#conversations').getByRole('link', { name: 'Models' }).click();
	await expect(menu).toHaveAttribute('aria-expanded', 'false');
	await expect(page.getByRole('main')).toBeFocused();
});

test('a list that was opened right after the first message stays open @phone-only', async ({ page }) => {
	await page.goto('/');
	await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
	const menu = page.getByRole('button', { name: 'Menu' });
	// before the conversation has its address
	await menu.evaluate((button: HTMLElement) => {
		document.querySelector('textarea')?.form?.requestSubmit();
		button.click();
	});
	await expect(page).toHaveURL(/chat/);
	await page.getByRole('button', { name: 'Delete “Hello”' }).click();
	await expect(page).not.toHaveURL(/chat/);
	await expect(menu).toHaveAttribute('aria-expanded', 'true');
	await page.getByRole('button', { name: 'Undo' }).click();
	await page.locator('#conversations').getByRole('link', { name: 'Hello' }).click();
	await expect(menu).toHaveAttribute('aria-expanded', 'false');
	await expect(page).toHaveURL(/chat/);
});

test('the keyboard of a phone does not hide the composer @phone-only', async ({ page }) => {
	await page.goto('/');
	const composer = page.getByRole('textbox', { name: 'Message' });
	const bottom = () => composer.evaluate((field) => field.getBoundingClientRect().bottom);
	await composer.focus();
	await page.waitForLoadState('networkidle');
	// Safari: the keyboard lies over the page, and only the visual viewport tells of it
	await page.evaluate(() => {
		Object.defineProperty(visualViewport, 'height', { value: 420, configurable: true });
		visualViewport?.dispatchEvent(new Event('resize'));
	});
	await expect.poll(bottom).toBeLessThan(420);
	await page.evaluate(() => {
		Reflect.deleteProperty(visualViewport as VisualViewport, 'height');
		visualViewport?.dispatchEvent(new Event('resize'));
	});
	await expect.poll(bottom).toBeGreaterThan(700);
	// Chromium and Firefox: the keyboard makes the window smaller
	await page.setViewportSize({ width: 390, height: 420 });
	await expect.poll(bottom).toBeLessThan(420);
	await expect(composer).toBeInViewport({ ratio: 1 });
});

test('what is touched is large enough @phone-only', async ({ page }) => {
	await page.goto('/');
	await ask(page, 'Hello');
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByRole('button', { name: 'Delete “Hello”' }).waitFor();
	const small = () =>
		page.evaluate(() =>
			[...document.querySelectorAll('button:not(.veil, .link), nav a, textarea')].flatMap((element) => {
				const { width, height } = element.getBoundingClientRect();
				const least = element.closest('article') ? 24 : element.matches('textarea') ? 38 : 43.9;
				return width === 0 || (width >= least && height >= least) ? [] : [element.outerHTML.slice(0, 120)];
			})
		);
	expect(await small()).toEqual([]);
});

/** What reaches beyond the sides of the window, shortly, but for what is hidden or moves in from there. */
function sticksOut(page: Page): Promise<string[]> {
	return page.evaluate(() => {
		const elements = [...document.querySelectorAll('#main *, header *')];
		const outside = elements.filter((element) => {
			const { left, right, width } = element.getBoundingClientRect();
			return width > 1 && (left < -0.5 || right > innerWidth + 0.5);
		});
		const wide = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
		return [...wide, ...outside.map((element) => element.outerHTML.slice(0, 120))];
	});
}
