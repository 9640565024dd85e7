import type { Page } from '@playwright/test';
import { crash } from '../support/crash.ts';
import { noteFault } from '../support/faults.ts';
import { violations } from './axe.ts';
import {
	articles,
	ask,
	countedTo,
	counts,
	expect,
	listen,
	offerCounting,
	test,
	useModel,
	whole
} from './fixtures.ts';

/** Engine workers of a tab; the engines' own helper threads run from blobs. */
function engines(page: Page): number {
	return page.workers().filter((worker) => /(webllm|wllama)/.test(worker.url())).length;
}

test('two tabs share one engine and one stream; the other takes over when its tab is closed', async ({
	page,
	context,
	host
}) => {
	const sentence = offerCounting(host, 250);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	const answer = articles(page, 'Assistant');
	await counts(answer, 5);

	const second = await context.newPage();
	await second.goto(page.url());
	const mirrored = articles(second, 'Assistant');
	await counts(mirrored, 20);
	await expect(mirrored).toHaveAttribute('aria-busy', 'true');
	expect(engines(page)).toBe(1);
	expect(engines(second)).toBe(0);

	const before = await countedTo(mirrored);
	const said = await listen(second);
	await page.close();
	// nothing that was seen may vanish while the heir loads its engine
	await expect
		.poll(async () => {
			expect(await countedTo(mirrored)).toBeGreaterThanOrEqual(before);
			return engines(second);
		})
		.toBe(1);
	await whole(mirrored);
	await expect(mirrored).toContainText(sentence);
	await expect(mirrored).toHaveCount(1);
	// who does not see it hears it, once
	const line = 'The page was closed or broke off; the answer was continued where it stopped.';
	await expect(mirrored).toContainText(line);
	await expect.poll(async () => (await said()).filter((words) => words === line)).toHaveLength(1);
	expect(await violations(second)).toEqual([]);
});

test('a question asked in the tab without the engine is answered in both', async ({
	page,
	context,
	host
}) => {
	const sentence = offerCounting(host, 40);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	await whole(articles(page, 'Assistant'));
	const second = await context.newPage();
	await second.goto(page.url());
	await ask(second, 'And again');
	for (const tab of [second, page]) {
		await whole(articles(tab, 'Assistant').nth(1));
		await expect(articles(tab, 'Assistant').nth(1)).toContainText(sentence);
	}
	expect(engines(second)).toBe(0);
});

test('Stop works from the tab that has no engine', async ({ page, context, host }) => {
	offerCounting(host, 300);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	await counts(articles(page, 'Assistant'), 5);
	const second = await context.newPage();
	await second.goto(page.url());
	await second.getByRole('button', { name: 'Stop' }).click();
	for (const tab of [second, page]) {
		await expect(articles(tab, 'Assistant')).toContainText('Stopped');
		await expect(articles(tab, 'Assistant')).not.toContainText('300');
	}
});

test('an answer whose tab crashed goes on from what was saved', async ({ page, context, host }) => {
	const sentence = offerCounting(host, 250);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	await counts(articles(page, 'Assistant'), 60);
	const link = page.url();
	await crash(page);

	const heir = await context.newPage();
	await heir.goto(link);
	const answer = articles(heir, 'Assistant');
	// at a checkpoint a second, most of it is there at once
	await counts(answer, 15);
	await whole(answer);
	const kept = (await answer.innerText()).includes(sentence) ? 1 : 0;
	noteFault({ fault: 'tab crashed in mid-answer', injected: 1, lost: 1 - kept, resumed: kept });
	await expect(answer).toContainText(sentence);
	await expect(answer).toContainText('The page was closed or broke off; the answer was continued where it');
});
