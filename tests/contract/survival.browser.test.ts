import Dexie from 'dexie';
import { expect, test, vi } from 'vitest';
import type { EngineModel } from '#lib/engine/engine.ts';
import { History } from '#lib/history/history.ts';
import type { Answer } from '#lib/message/message.ts';
import { Bulletin } from '#lib/responder/bulletin.ts';
import { Responder } from '#lib/responder/responder.ts';
import { noteFault } from '../support/faults-client.ts';
import { Seeded } from '../sync/support/seeded.ts';
import { device, ends, SEED, TALKER, WORDS } from './survival-harness.ts';

/*
 * Answers that survive what befalls them, with a real engine, the real history, real locks. A run that failed is
 * repeated by its seed: ALCOVE_FAULT_SEED.
 */

const YEAR = 365 * 24 * 60 * 60 * 1000;

test(`an answer whose worker is ended at any of 20 random tokens is, when greedy, the uninterrupted one token for token (seed ${SEED})`, async () => {
	const { history, answerOf, ended, written, kill, problems } = await device();
	const setups = await history.setups();
	const sampling = { ...(await setups.sampling()), seed: 7 };
	/** Whole, and cut by the longest length that was asked for: being taken up must not make it longer. */
	const ask = async (maxTokens: number) => {
		await setups.keep({ sampling: { ...sampling, maxTokens } });
		return history.messages.ask('Count');
	};
	const lengths = [512, 24] as const;
	const wanted = new Map<number, Answer>();
	for (const length of lengths) wanted.set(length, await ended((await ask(length)).conversation));
	expect(wanted.get(512)).toMatchObject({ text: WORDS.join(' '), state: { reason: 'end' } });
	expect(wanted.get(24)).toMatchObject({ text: WORDS.slice(0, 24).join(' '), state: { reason: 'length' } });

	const random = new Seeded(SEED);
	const wrong: string[] = [];
	let resumed = 0;
	let asked = 0;
	for (let round = 0; round < 20; round++) {
		const length = round % 4 === 3 ? 24 : 512;
		const at = random.whole(1, Math.min(length, WORDS.length) - 2);
		const { conversation, answer } = await ask(length);
		asked++;
		await written(answer, at);
		kill();
		const got = await ended(conversation);
		const want = wanted.get(length);
		if (got.mishap?.cause === 'worker-lost' && got.state.kind === 'done') resumed++;
		if (got.text !== want?.text || got.state.kind !== 'done' || want.state.kind !== 'done')
			wrong.push(`at ${at}: ${got.text}`);
		else if (got.state.reason !== want.state.reason) wrong.push(`at ${at}: ended by ${got.state.reason}`);
		expect((await answerOf(conversation)).id).toBe(answer);
	}
	const { messages } = await (await history.transfer()).counts();
	const lost = 2 * (asked + lengths.length) - messages;
	await noteFault({ fault: 'worker terminated at a random token', injected: 20, lost, resumed });
	expect(wrong).toEqual([]);
	expect(resumed).toBe(20);
	expect(lost).toBe(0);
	expect(problems).toEqual([]);
}, 240_000);

test('a clock that is set back a year in mid-answer disturbs neither the checkpoints nor the order', async () => {
	const { history, bulletin, written, ended, kill, setBack } = await device({
		model: { ...TALKER, pace: 10 }
	});
	const older = await history.messages.ask('Count');
	await ended(older.conversation);
	const { conversation, answer } = await history.messages.ask('Count again');
	await written(answer, 3);
	setBack(YEAR);
	const jobs = await history.jobs();
	// it is saved, though by the clock no time has passed for a year
	await vi.waitFor(async () => expect((await jobs.draft(answer))?.length).toBeGreaterThan(0), {
		timeout: 20_000
	});
	const saved = (await jobs.draft(answer)) ?? '';
	const next = await history.messages.ask('And now?', conversation);
	expect(bulletin.seen(next.answer)).toBe('');
	kill();
	await vi.waitFor(
		async () => {
			const open = (await history.messages.readPath(conversation, 10))?.entries.map(({ message }) => message);
			expect(open?.map((message) => message.role === 'assistant' && message.state.kind)).toEqual([
				false,
				'done',
				false,
				'done'
			]);
		},
		{ timeout: 40_000 }
	);
	const path =
		(await history.messages.readPath(conversation, 10))?.entries.map(({ message }) => message) ?? [];
	expect(path.map(({ text }) => text)).toEqual(['Count again', WORDS.join(' '), 'And now?', WORDS.join(' ')]);
	expect(path[1]?.text.startsWith(saved)).toBe(true);
	const times = path.map(({ createdAt }) => createdAt);
	expect(times).toEqual(times.toSorted((a, b) => a - b));
	const listed = await new Promise<string[]>((resolve, reject) => {
		const end = history.conversations.newest(10).subscribe((all) => {
			resolve(all.map(({ id }) => id));
			queueMicrotask(() => end());
		}, reject);
	});
	expect(listed).toEqual([conversation, older.conversation]);
	await noteFault({
		fault: 'clock set back a year in mid-answer',
		injected: 1,
		lost: 4 - path.length,
		resumed: 1
	});
});

test('a graphics card that cannot run the model hands the answer to the other engine, and says so', async () => {
	const url = new URL(`/${crypto.randomUUID()}/`, location.href).href;
	const config = { quantization: 'q4f16_1', conv_template: {} };
	const cache = await caches.open('webllm/config');
	const template = {
		system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
		system_message: '',
		roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant' },
		role_templates: { user: '{user_message}', assistant: '{assistant_message}', tool: '{tool_message}' },
		seps: ['<|im_end|>\n'],
		role_content_sep: '\n',
		role_empty_sep: '\n',
		stop_str: ['<|im_end|>'],
		stop_token_ids: [2]
	};
	await cache.put(
		`${url}mlc-chat-config.json`,
		new Response(JSON.stringify({ ...config, conv_template: template }))
	);
	ends.push(async () => void (await cache.delete(`${url}mlc-chat-config.json`)));
	// the software GPU of the tests has no shader-f16, as a real one may lack it after an update of its driver
	const model: EngineModel = {
		engine: 'webllm',
		id: 'f16',
		contextWindow: 4096,
		url,
		library: `${url}model.wasm`
	};
	const { history, ended } = await device({ model, other: { name: 'Talker', model: TALKER } });
	const got = await ended((await history.messages.ask('Count')).conversation);
	const resumed = got.state.kind === 'done' ? 1 : 0;
	await noteFault({
		fault: 'graphics card lost for good',
		injected: 1,
		lost: got.text === WORDS.join(' ') ? 0 : 1,
		resumed
	});
	expect(got).toMatchObject({
		text: WORDS.join(' '),
		writer: { model: 'Talker', engine: 'wllama' },
		mishap: { cause: 'no-f16', then: 'other' },
		state: { kind: 'done' }
	});
});

test(`two tabs race 200 times to be the one that answers, and never are both (seed ${SEED})`, async () => {
	const frame = document.createElement('iframe');
	frame.src = 'about:blank';
	document.body.append(frame);
	ends.push(() => frame.remove());
	// an iframe is a client of the lock manager of its own, as another tab is
	const elsewhere = frame.contentWindow?.navigator.locks;
	if (!elsewhere) throw new Error('the frame has no locks');
	const name = `race-${crypto.randomUUID()}`;
	const history = new History({ now: () => Date.now(), newId: () => crypto.randomUUID() }, name);
	await history.open();
	const bulletin = new Bulletin(new BroadcastChannel(name));
	ends.push(async () => {
		bulletin.close();
		history.close();
		await Dexie.delete(name);
	});
	const problems: unknown[] = [];
	let owners = 0;
	let most = 0;
	let taken = 0;
	const contender = (locks: LockManager, onOwner: () => void) =>
		new Responder({
			id: crypto.randomUUID(),
			history,
			bulletin,
			locks: {
				request: ((_: string, options: LockOptions, work: () => Promise<unknown>) =>
					locks.request(name, options, async () => {
						most = Math.max(most, ++owners);
						taken++;
						onOwner();
						await work();
						owners--;
					})) as LockManager['request']
			},
			createEngine: () => Promise.reject(new Error('nothing is asked')),
			now: () => Date.now(),
			choice: () => Promise.resolve({ kind: 'none' }),
			other: () => Promise.resolve(undefined),
			onChoice: () => () => undefined,
			newSeed: () => 7,
			report: (error) => problems.push(error)
		});
	const random = new Seeded(SEED);
	for (let race = 0; race < 200; race++) {
		const first = Promise.withResolvers<Responder>();
		const both = Promise.withResolvers<undefined>();
		let seen = 0;
		const racers: Responder[] = [];
		for (const locks of random.whole(0, 1) === 0
			? [navigator.locks, elsewhere]
			: [elsewhere, navigator.locks]) {
			const racer: Responder = contender(locks, () => {
				first.resolve(racer);
				if (++seen === 2) both.resolve(undefined);
			});
			racers.push(racer);
		}
		const running = racers.map((racer) => racer.run());
		// the owner goes, and the other takes over
		(await first.promise).close();
		await both.promise;
		for (const racer of racers) racer.close();
		await Promise.all(running);
	}
	await noteFault({ fault: 'two tabs race to be the owner', injected: 200, lost: 0, wrong: most - 1 });
	expect(most).toBe(1);
	expect(taken).toBe(400);
	expect(owners).toBe(0);
	expect(problems).toEqual([]);
});
