import type { Page } from 'playwright';
import type { Answer, Conversation, Question } from '#lib/message/message.ts';

export interface Filling {
	conversations: number;
	/** Question and answer in each; a list says it for one conversation after the other. */
	pairs: number | number[];
	/** The length of a question; an answer has ten times as much. */
	characters: number;
	/** What answers say instead, by turns. */
	answers?: string[];
}

/**
 * Puts conversations in the place of whatever the history of a page holds. It is done past the app, as
 * rows and in one transaction: the page must be loaded again before it shows them.
 */
export async function fillHistory(page: Page, filling: Filling): Promise<void> {
	await page.evaluate(async ({ conversations, pairs, characters, answers = [] }) => {
		const start = Date.UTC(2026, 0, 1);
		const sentence = 'The quick brown fox jumps over the lazy dog. ';
		const words = (depth: number, length: number) =>
			`Message ${depth}: ${sentence.repeat(Math.ceil(length / sentence.length))}`.slice(0, length);
		const said = (depth: number) => {
			const answer = answers[Math.floor(depth / 2) % answers.length];
			return answer === undefined ? words(depth, characters * 10) : `Message ${depth}: ${answer}`;
		};

		const opening = indexedDB.open('alcove');
		await new Promise((resolve, reject) => {
			opening.onsuccess = resolve;
			opening.onerror = () => reject(opening.error);
		});
		const writing = opening.result.transaction(['conversations', 'messages'], 'readwrite');
		for (const store of writing.objectStoreNames) writing.objectStore(store).clear();
		for (let index = 0; index < conversations; index++) {
			const conversation = `conversation-${index}`;
			const createdAt = start + index * 60_000;
			let parent: string | null = null;
			const count = typeof pairs === 'number' ? pairs : (pairs[index] ?? 0);
			for (let depth = 0; depth < count * 2; depth += 2) {
				const base = { conversation, createdAt };
				const asked: Question = {
					...base,
					...{ role: 'user', id: `${conversation}-${depth}`, parent, depth, text: words(depth, characters) }
				};
				const answered: Answer = {
					...base,
					...{ role: 'assistant', id: `${conversation}-${depth + 1}`, parent: asked.id, depth: depth + 1 },
					text: said(depth + 1),
					state: {
						kind: 'done',
						at: createdAt,
						reason: 'end',
						usage: { promptTokens: 20, completionTokens: 200, timeToFirstToken: 100, tokensPerSecond: 20 }
					}
				};
				for (const row of [asked, answered]) writing.objectStore('messages').put(row);
				parent = answered.id;
			}
			const title = `Conversation ${index}`;
			const row: Conversation = {
				id: conversation,
				title,
				createdAt,
				updatedAt: createdAt,
				leaf: parent,
				deletedAt: null
			};
			writing.objectStore('conversations').put(row);
		}
		await new Promise((resolve, reject) => {
			writing.oncomplete = resolve;
			writing.onabort = () => reject(writing.error);
		});
		opening.result.close();
	}, filling);
}
