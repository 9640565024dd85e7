import { describe, expect, test } from 'vitest';
import type { Answer, AnswerState } from '#lib/message/message.ts';
import { Announcing, type Spoken } from '#lib/ui/announcing.ts';

const QUEUED: AnswerState = { kind: 'queued', since: 0 };
const WRITING: AnswerState = { kind: 'writing', by: 'r', since: 0, attempts: 1 };
const STOPPED: AnswerState = { kind: 'stopped', at: 1 };
const USAGE = { promptTokens: 1, completionTokens: 1, timeToFirstToken: 1, tokensPerSecond: 1 };
const DONE: AnswerState = { kind: 'done', at: 1, usage: USAGE, reason: 'end' };

function spoken(state: AnswerState, text: string, more: Partial<Spoken> = {}): Spoken[] {
	const answer: Answer = {
		id: 'a',
		conversation: 'c',
		parent: null,
		depth: 1,
		createdAt: 0,
		text,
		role: 'assistant',
		state
	};
	return [{ answer, text, waiting: 'Waiting', stage: state.kind, outcome: undefined, ...more }];
}

describe('what is announced of answers', () => {
	test('each sentence once, when it is finished, and the rest at the end', () => {
		const announcing = new Announcing();
		expect(announcing.hear(spoken(QUEUED, ''))).toEqual(['Waiting']);
		expect(announcing.hear(spoken(WRITING, 'One'))).toEqual([]);
		expect(announcing.hear(spoken(WRITING, 'One. Tw'))).toEqual(['One.']);
		expect(announcing.hear(spoken(WRITING, 'One. Two. Thr'))).toEqual(['Two.']);
		expect(announcing.hear(spoken(DONE, 'One. Two. Three'))).toEqual(['Three']);
		expect(announcing.hear(spoken(DONE, 'One. Two. Three'))).toEqual([]);
	});

	test('what is waited for, once for each thing, not for each per cent', () => {
		const announcing = new Announcing();
		const load = (waiting: string) => spoken(QUEUED, '', { waiting, stage: 'loading' });
		expect(announcing.hear(load('Loading: 0 %'))).toEqual(['Loading: 0 %']);
		expect(announcing.hear(load('Loading: 1 %'))).toEqual([]);
		expect(announcing.hear(spoken(WRITING, '', { waiting: 'Reading' }))).toEqual(['Reading']);
	});

	test('how it ended, after the words it had', () => {
		const announcing = new Announcing();
		announcing.hear(spoken(WRITING, ''));
		expect(announcing.hear(spoken(STOPPED, 'One. Tw', { outcome: 'Stopped' }))).toEqual([
			'One.',
			'Tw',
			'Stopped'
		]);
	});

	test('nothing of an answer that was there before', () => {
		const announcing = new Announcing();
		expect(announcing.hear(spoken(DONE, 'One. Two.'))).toEqual([]);
		expect(announcing.hear(spoken(STOPPED, 'One.', { outcome: 'Stopped' }))).toEqual([]);
	});

	test('of an answer that is continued, what is new', () => {
		const announcing = new Announcing();
		expect(announcing.hear(spoken(WRITING, 'One. Tw'))).toEqual([]);
		expect(announcing.hear(spoken(WRITING, 'One. Two. Three.\n\n'))).toEqual(['Two.', 'Three.']);
	});

	test('what befell it, once, before what follows', () => {
		const announcing = new Announcing();
		const lost = { at: 5, words: 'The card was lost', then: 'chosen' as const };
		announcing.hear(spoken(WRITING, 'One. Tw'));
		expect(announcing.hear(spoken(WRITING, 'One. Tw', { mishap: lost }))).toEqual(['The card was lost']);
		expect(announcing.hear(spoken(WRITING, 'One. Two. T', { mishap: lost }))).toEqual(['Two.']);
		const again = { mishap: { ...lost, at: 6 } };
		expect(announcing.hear(spoken(DONE, 'One. Two. Three', again))).toEqual(['The card was lost', 'Three']);
	});

	test('that another engine goes on, when it does: only then its name is known', () => {
		const announcing = new Announcing();
		const mishap = { at: 5, words: 'Continued by Other', then: 'other' as const };
		announcing.hear(spoken(WRITING, 'One. Tw'));
		expect(announcing.hear(spoken(WRITING, 'One. Tw', { mishap }))).toEqual([]);
		expect(announcing.hear(spoken(WRITING, 'One. Two. T', { mishap }))).toEqual([
			'Continued by Other',
			'Two.'
		]);
		expect(announcing.hear(spoken(DONE, 'One. Two. T', { mishap }))).toEqual(['T']);
	});
});
