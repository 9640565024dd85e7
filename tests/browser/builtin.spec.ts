import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { articles, ask, expect, test, whole } from './fixtures.ts';

const card = (page: Page) => page.getByRole('article', { name: 'Browser model' });

test('a browser that knows of a model of its own and has none says so @phone', async ({ page }) => {
	await page.goto('/models');
	await page.getByText(/^Do not run here/).click();
	await expect(card(page)).toContainText('the browser says that its own model cannot run on this device');
	await expect(card(page).getByRole('button')).toHaveCount(0);
});

/** Gives the page a browser with a model, which must first be fetched; the tests' browsers have the interface alone. */
async function bringModel(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const FETCHED = 'the browser has its model';
		const says = (text: string) => `You said ${text.length} letters. Nothing was downloaded by this app.`;
		class Session {
			contextUsage = 0;
			contextWindow = 9_216;
			promptStreaming(input: { content: string }[]): ReadableStream<string> {
				const words = says(input.at(-1)?.content ?? '').match(/ ?\S+/g) ?? [];
				return new ReadableStream({
					pull(stream) {
						const word = words.shift();
						if (word === undefined) stream.close();
						else stream.enqueue(word);
					}
				});
			}
			measureContextUsage(input: string | { content: string }[]): Promise<number> {
				const texts = typeof input === 'string' ? [input] : input.map(({ content }) => content);
				return Promise.resolve(
					texts.reduce((sum, text) => sum + text.split(/\s+/).filter(Boolean).length + 4, 0)
				);
			}
			destroy(): void {
				this.contextUsage = 0;
			}
		}
		const LanguageModel = {
			availability: () => Promise.resolve(localStorage.getItem(FETCHED) ? 'available' : 'downloadable'),
			async create({ monitor }: { monitor?: (download: EventTarget) => void }) {
				if (!localStorage.getItem(FETCHED)) {
					if (!navigator.userActivation.isActive) throw new DOMException('no gesture', 'NotAllowedError');
					const download = new EventTarget();
					monitor?.(download);
					download.dispatchEvent(new ProgressEvent('downloadprogress', { loaded: 0.5, total: 1 }));
					// the test looks at the bar meanwhile
					await new Promise((resolve) => addEventListener('model-fetched', resolve, { once: true }));
					localStorage.setItem(FETCHED, 'yes');
				}
				return new Session();
			}
		};
		Object.defineProperty(globalThis, 'LanguageModel', { value: LanguageModel });
	});
}

test('the browser fetches its own model when a person says so, and it answers @phone', async ({ page }) => {
	await bringModel(page);
	await page.goto('/models');
	await expect(card(page)).toContainText('there is nothing for this app to download');
	await card(page).getByRole('button', { name: 'Download' }).click();
	await expect(card(page).getByRole('progressbar')).toHaveJSProperty('position', 0.5);
	await page.evaluate(() => dispatchEvent(new Event('model-fetched')));
	await card(page).getByRole('button', { name: 'Use' }).click();
	await expect(card(page)).toContainText('In use');
	await expect(card(page).getByRole('button')).toHaveText(['Use']);
	const { violations } = await new AxeBuilder({ page }).include('main').analyze();
	expect(violations.map(({ id }) => id)).toEqual([]);

	await page.goto('/');
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant').first());
	await expect(articles(page, 'Assistant').first()).toContainText('You said 5 letters.');
	await articles(page, 'Assistant').first().getByText('Details').click();
	const details = articles(page, 'Assistant').first().locator('details.made');
	await expect(details).toContainText("The browser's own model (Prompt API)");
	// how it draws its words is the browser's affair
	await expect(details).not.toContainText('Temperature');
});
