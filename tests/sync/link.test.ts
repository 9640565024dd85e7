import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Link, type LinkState } from '#lib/link/link.ts';
import type { ServerFrame } from '#lib/wire/frames.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { furnish, ServerProcess, type Person } from './support/server-process.ts';

/** How much faster than the world the link's clock is. */
const HASTE = 50;

const server = new ServerProcess();
let proxy: FaultProxy;
let room = '';
let ada: Person;

beforeAll(async () => {
	await server.start();
	const made = await furnish(server.origin, ['ada']);
	[ada = { id: '', token: '' }] = made.people;
	room = made.room;
	proxy = await FaultProxy.to(Number(new URL(server.origin).port));
}, 60_000);

afterAll(async () => {
	await proxy.close();
	await server.remove();
});

/** A link through the proxy, and a way to wait for what it says. */
function follow(token: string) {
	const states: LinkState[] = [];
	const frames: ServerFrame[] = [];
	let wake: () => void = () => undefined;
	const clock = {
		now: () => Date.now() * HASTE,
		after(milliseconds: number, work: () => void) {
			const timer = setTimeout(work, milliseconds / HASTE);
			return () => clearTimeout(timer);
		}
	};
	const connect = () => {
		const url = `${proxy.origin.replace('http', 'ws')}/api/v1/socket`;
		return new WebSocket(url, { perMessageDeflate: false });
	};
	const link = new Link(
		{ clock, connect, token, random: Math.random },
		{
			state(state) {
				states.push(state);
				wake();
			},
			frames(heard) {
				frames.push(...heard);
				wake();
			}
		}
	);
	const until = async (done: () => boolean) => {
		while (!done()) await new Promise<void>((resolve) => (wake = resolve));
	};
	const becomes = (kind: LinkState['kind']) => until(() => link.state.kind === kind);
	return { link, states, frames, until, becomes };
}

test('a connection that is cut, swallowed or refused is given up and made anew, and hears again', async () => {
	const { link, states, frames, until, becomes } = follow(ada.token);
	link.open();
	for (const weather of ['down', 'silent', 'fair'] as const) {
		await becomes('on');
		const before = frames.length;
		link.send({ t: 'open', room, after: 0 });
		await until(() => frames.slice(before).some(({ t }) => t === 'level'));
		if (weather === 'fair') proxy.cut();
		proxy.weather = weather;
		await becomes('waiting');
		proxy.weather = 'fair';
		proxy.cut();
	}
	await becomes('on');
	const why = states.flatMap((state) => (state.kind === 'waiting' ? [state.why] : []));
	expect(why).toContain('closed');
	expect(why).toContain('silent');
	link.close();
}, 60_000);

test('a server that is killed and comes back is found again', async () => {
	const { link, becomes } = follow(ada.token);
	link.open();
	await becomes('on');
	await server.kill();
	await becomes('waiting');
	await server.start();
	await becomes('on');
	link.close();
}, 60_000);

test('a token that is not known is not tried twice', async () => {
	const { link, states, becomes } = follow('x'.repeat(43));
	link.open();
	await becomes('refused');
	expect(states.filter(({ kind }) => kind === 'connecting')).toHaveLength(1);
	expect(link.state).toEqual({ kind: 'refused', why: 'token' });
});
