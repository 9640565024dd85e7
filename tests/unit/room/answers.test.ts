import { describe, expect, test } from 'vitest';
import type { Job } from '#lib/history/rooms/rows.ts';
import {
	advance,
	type AnswerOp,
	answersEvery,
	MOST_CLAIMS,
	newJob,
	offered,
	wished
} from '#lib/room/answers.ts';
import { Choices, seedOf } from '../../sync/support/random.ts';

const SEED = seedOf(process.env, 20_261_121);
const made = { model: 'm', engine: 'e', settings: null, ending: 'end', failure: null } as const;

/** Something that somebody says of the answer to "ask". */
interface Line {
	op: AnswerOp;
	by: string;
	account: string;
	offers: boolean;
}

const line = (by: string, op: AnswerOp, { offers = true, account = `of ${by}` } = {}): Line => {
	return { op, by, account, offers };
};
const claim = (by: string, id: string, over: string | null = null) =>
	line(by, { t: 'claim', id, ask: 'ask', over });
const answer = (by: string, of: string, text = `${by} by ${of}`) =>
	line(by, { t: 'answer', ask: 'ask', claim: of, text, made });
const stop = (by: string) => line(by, { t: 'stop', ask: 'ask' });

/** Reads a log: what became of the answer, and what of it counted. */
function read(log: readonly Line[]): { job: Job; counted: Line[] } {
	let job = newJob('of asker');
	const counted: Line[] = [];
	for (const one of log) {
		const next = advance(job, one.op, { account: one.account, device: one.by, offers: one.offers });
		if (!next) continue;
		job = next;
		counted.push(one);
	}
	return { job, counted };
}

const texts = (log: readonly Line[]) =>
	read(log).counted.flatMap(({ op }) => (op.t === 'answer' ? [op.text] : []));

function* permutations<T>(all: readonly T[]): Generator<T[]> {
	if (all.length === 0) yield [];
	for (const [index, one] of all.entries())
		for (const rest of permutations([...all.slice(0, index), ...all.slice(index + 1)])) yield [one, ...rest];
}

describe('whose answer counts', () => {
	test('[A4] [A5] the first claim lives, and its device alone answers', () => {
		const log = [
			claim('ada', '1'),
			claim('bob', '2'),
			answer('bob', '2'),
			answer('bob', '1'),
			answer('ada', '1')
		];
		expect(texts(log)).toEqual(['ada by 1']);
		expect(read(log).job).toMatchObject({ state: 'over', claim: { id: '1', device: 'ada' }, claims: 1 });
	});

	test('[A4] a claim that names the one that lives takes its place, one that names another does not', () => {
		const log = [claim('ada', '1'), claim('bob', '2', '1'), claim('eve', '3', '1'), claim('eve', '4', '2')];
		expect(read(log).job.claim?.id).toBe('4');
		expect(texts([...log, answer('ada', '1'), answer('bob', '2'), answer('eve', '4')])).toEqual(['eve by 4']);
	});

	test('[A4] nobody claims without an offer, and not more than 16 times', () => {
		expect(read([{ ...claim('ada', '1'), offers: false }]).job.claim).toBeNull();
		const many = Array.from({ length: 40 }, (_, index) =>
			claim('ada', `${index}`, index ? `${index - 1}` : null)
		);
		expect(read(many).job).toMatchObject({ claims: MOST_CLAIMS, claim: { id: `${MOST_CLAIMS - 1}` } });
		expect(texts([...many, answer('ada', `${MOST_CLAIMS - 1}`)])).toHaveLength(1);
	});

	test('[A6] stops for whoever asked and for the host, and for nobody else', () => {
		expect(read([stop('eve')]).job.state).toBe('open');
		expect(read([stop('asker')]).job.state).toBe('over');
		expect(read([stop('asker'), claim('ada', '1'), answer('ada', '1')]).counted).toHaveLength(1);
		expect(read([claim('ada', '1'), stop('eve')]).job.state).toBe('open');
		for (const who of ['asker', 'ada']) {
			const log = [claim('ada', '1'), stop(who)];
			expect(read(log).job.state).toBe('stopping');
			expect(texts([...log, answer('ada', '1')])).toEqual(['ada by 1']);
			// its host is gone: another one says what there is
			expect(texts([...log, claim('bob', '2', '1'), answer('ada', '1'), answer('bob', '2')])).toEqual([
				'bob by 2'
			]);
		}
	});

	test('[A4] [A5] there is one answer at most, in whatever order three hosts are heard', () => {
		const said = [
			...[claim('ada', '1'), claim('bob', '2'), claim('bob', '3', '1'), claim('eve', '4', '3')],
			...[answer('ada', '1'), answer('bob', '3'), answer('eve', '4'), answer('bob', '2')]
		];
		let logs = 0;
		const outcomes = new Set<string>();
		const wrong: Line[][] = [];
		for (const log of permutations(said)) {
			logs++;
			const { job, counted } = read(log);
			const spoken = counted.flatMap(({ op }) => (op.t === 'answer' ? [op] : []));
			const last = counted.findLast(({ op }) => op.t === 'claim')?.op;
			// it stands on the last claim that counted, and nothing counts after it
			const [only] = spoken;
			const standsOnIt = only === undefined || (last?.t === 'claim' && only.claim === last.id);
			const isEnd = (only === undefined || counted.at(-1)?.op === only) && spoken.length <= 1;
			if (!standsOnIt || !isEnd || (job.state === 'over') !== (only !== undefined)) wrong.push(log);
			outcomes.add(only?.text ?? 'none');
		}
		expect(wrong.slice(0, 3)).toEqual([]);
		expect(logs).toBe(40_320);
		expect([...outcomes].sort()).toEqual(['ada by 1', 'bob by 2', 'bob by 3', 'eve by 4', 'none']);
	});

	test(`[A4] [A5] [A6] what anybody says cannot undo or double it (SYNC_SEED=${SEED})`, () => {
		const choices = new Choices(SEED);
		const who = ['asker', 'ada', 'bob', 'eve'];
		const ids = ['1', '2', '3', '4'];
		for (let round = 0; round < 3_000; round++) {
			const log = Array.from({ length: choices.whole(1, 24) }, (): Line => {
				const by = choices.pick(who);
				const offers = choices.whole(0, 4) > 0;
				const said = choices.pick([
					claim(by, choices.pick(ids), choices.pick([null, ...ids])),
					answer(by, choices.pick(ids)),
					answer(by, choices.pick(ids)),
					stop(by)
				]);
				return { ...said, offers };
			});
			const { job, counted } = read(log);
			expect(counted.filter(({ op }) => op.t === 'answer').length).toBeLessThanOrEqual(1);
			// the same when it is read in two pieces, and when what counts for nothing is left out
			expect(read(counted).job).toEqual(job);
			const ends = counted.findIndex(({ op }) => op.t === 'answer');
			if (ends !== -1) expect(ends).toBe(counted.length - 1);
		}
	});
});

test('[A3] an offer is its device’s, one for each, and of 64 devices at most', () => {
	const ada = { account: 'ada', device: 'laptop' };
	const two = offered(offered({}, 'Qwen', ada), 'Gemma', { ...ada, device: 'phone' });
	expect(two).toEqual({
		laptop: { account: 'ada', model: 'Qwen' },
		phone: { account: 'ada', model: 'Gemma' }
	});
	expect(offered(offered(two, 'Llama', ada), null, { ...ada, device: 'phone' })).toEqual({
		laptop: { account: 'ada', model: 'Llama' }
	});
	let many = {};
	for (let index = 0; index < 80; index++) many = offered(many, 'm', { account: 'a', device: `${index}` });
	expect(Object.keys(many)).toHaveLength(64);
	expect(Object.keys(offered(many, 'other', { account: 'a', device: '3' }))).toHaveLength(64);
});

test('[A7] the latest wish of those who own the room now holds', () => {
	const members = [
		{ account: 'ada', role: 'owner' },
		{ account: 'bob', role: 'member' }
	];
	let wishes = wished([], { account: 'ada', every: true });
	expect(answersEvery(wishes, members)).toBe(true);
	wishes = wished(wishes, { account: 'bob', every: false });
	expect(answersEvery(wishes, members)).toBe(true);
	wishes = wished(wishes, { account: 'ada', every: false });
	expect(answersEvery(wishes, members)).toBe(false);
	expect(wishes).toHaveLength(2);
	expect(answersEvery([], members)).toBe(false);
});
