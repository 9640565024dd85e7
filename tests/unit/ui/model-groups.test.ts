import { describe, expect, test } from 'vitest';
import type { ShelfEntry } from '#lib/chat/shelf.svelte.ts';
import { catalogue, QWEN2 } from '#lib/models/catalogue.ts';
import { groupModels } from '#lib/ui/model-groups.ts';

const entries: ShelfEntry[] = catalogue('https://chat.example/').map((model, index) => ({
	model,
	choice: model.id === 'qwen3-4b' ? { kind: 'none', refused: [] } : choiceOf(model.builds[0]),
	build: model.builds[0],
	stock: { kind: 'absent' },
	held: index === 3
}));

function choiceOf(build: ShelfEntry['build']): ShelfEntry['choice'] {
	return build ? { kind: 'build', build, reason: { kind: 'best' } } : { kind: 'none', refused: [] };
}

function ids(sought = '', locale = 'en') {
	const groups = groupModels(entries, QWEN2, sought, locale);
	return Object.fromEntries(
		Object.entries(groups).map(([name, list]) => [name, list.map(({ model }: ShelfEntry) => model.id)])
	);
}

describe('the models, grouped', () => {
	test('are each in one group: here, proposed, more, or not for this device', () => {
		const groups = ids();
		expect(groups['here']).toEqual([entries[3]?.model.id]);
		expect(groups['proposed']).toEqual([QWEN2]);
		expect(groups['cannot']).toEqual(['qwen3-4b']);
		expect(Object.values(groups).flat().length).toBe(entries.length);
	});

	test.each([
		['llama', 'en', ['llama-3.2-1b-instruct', 'llama-3.2-3b-instruct']],
		['smollm2 360', 'en', ['smollm2-360m-instruct']],
		['hindi', 'en', ['llama-3.2-1b-instruct', 'llama-3.2-3b-instruct']],
		['印地', 'zh-Hans', ['llama-3.2-1b-instruct', 'llama-3.2-3b-instruct']],
		['no such model', 'en', []]
	])('are found by %j in %s', (sought, locale, expected) => {
		expect(Object.values(ids(sought, locale)).flat()).toEqual(expected);
	});
});
