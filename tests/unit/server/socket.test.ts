import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '#lib/wire/frames.ts';
import { APP } from './support/http.ts';
import { bodyOf, newId, Peer } from './support/peer.ts';
import { openSync, type SyncOptions } from './support/sync.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0)) await close();
});

async function start(options: SyncOptions = {}) {
	const sync = await openSync(options);
	open.push(sync.close);
	const stranger = async (headers: Record<string, string> = {}) => {
		const peer = new Peer(sync.origin, { headers });
		await peer.opened();
		return peer;
	};
	return { ...sync, stranger };
}

describe('the handshake', () => {
	test('[H5] only pages of the allowed origins get a socket, and programs, which have none', async () => {
		const { stranger } = await start();
		for (const headers of [{ Origin: APP }, {}]) await (await stranger(headers)).leave();
		for (const Origin of [
			'null',
			`${APP}.evil.example`,
			`${APP}/`,
			'http://app.example',
			'https://evil.example',
			''
		]) {
			await expect(stranger({ Origin })).rejects.toThrow('403');
		}
	});

	test('[F1] it is at one path, without a query', async () => {
		const { origin } = await start();
		for (const path of ['/', '/api/v1/socket?token=x', '/api/v1/socket/']) {
			expect(await upgrade(origin, path)).toBe('HTTP/1.1 404 Not Found');
		}
	});

	test('[L5] too many of one address are 429, too many strangers 503', async () => {
		const { stranger } = await start({ socket: { connectionsPerAddress: 2 } });
		const [first] = [await stranger(), await stranger()];
		await expect(stranger()).rejects.toThrow('429');
		await first.leave();
		await (await stranger()).leave();
		const other = await start({ socket: { strangers: 1 } });
		const silent = await other.stranger();
		await expect(other.stranger()).rejects.toThrow('503');
		silent.say({ t: 'hello', v: 1, token: other.ada.token });
		await silent.next('welcome');
		await other.stranger();
	});
});

describe('hello', () => {
	test('[H1] [H4] a good token is welcomed, and what follows in the same message is done after it', async () => {
		const { origin, ada, room } = await start();
		const peer = await Peer.enter(origin, ada.token, { t: 'open', room, after: 0 }, { t: 'ping', n: 7 });
		await peer.until(() => peer.of('pong').length === 1 && peer.of('level').length === 1);
		expect(peer.frames[0]).toMatchObject({ t: 'welcome', v: 1, account: ada.account.id, heartbeat: 25_000 });
		await peer.leave();
	});

	test('[H2] who does not say it within five seconds is closed with 4408', async () => {
		const { stranger, clock } = await start();
		const peer = await stranger();
		clock.turn(4_999);
		expect(peer.socket.readyState).toBe(peer.socket.OPEN);
		clock.turn(1);
		expect(await peer.closed).toBe(4408);
		expect(peer.frames).toEqual([{ t: 'fault', code: 'late' }]);
	});

	test('[H3] an unknown token is 4401, another version 4426, anything else first 4400, and so is a second hello', async () => {
		const { stranger, ada, room } = await start();
		const answer = async (...messages: Parameters<Peer['say']>) => {
			const peer = await stranger();
			peer.say(...messages);
			return [await peer.closed, peer.frames.at(-1)];
		};
		const hello = { t: 'hello', v: 1, token: ada.token } as const;
		expect(await answer({ ...hello, token: 'x'.repeat(43) })).toEqual([4401, { t: 'fault', code: 'token' }]);
		expect(await answer({ ...hello, v: 2 })).toEqual([4426, { t: 'fault', code: 'version' }]);
		expect(await answer({ t: 'open', room, after: 0 }, hello)).toEqual([
			4400,
			{ t: 'fault', code: 'bad-message' }
		]);
		expect(await answer(hello, hello)).toEqual([4400, { t: 'fault', code: 'bad-message' }]);
	});

	test('[H6] a token that is revoked or runs out takes its connections with it, and no others', async () => {
		const { accounts, clock, inside, ada, bob } = await start();
		const second = await accounts.logIn('ada', 'password of ada', 'somewhere');
		const [phone, laptop, other] = [
			await inside(ada.token),
			await inside(second.token),
			await inside(bob.token)
		];
		await accounts.logOut(ada.session);
		expect(await phone.closed).toBe(4401);
		await laptop.level();
		await accounts.logOutEverywhere(ada.account.id);
		expect(await laptop.closed).toBe(4401);
		await other.level();
		clock.turn(25_000);
		await other.level();
		// the next beat after the end of the session's life
		clock.turn(bob.session.expiresAt - clock.now() - 1_000);
		await other.closed.catch(() => undefined);
		expect(other.socket.readyState).toBe(other.socket.CLOSED);
	});
});

describe('bad messages', () => {
	const cases: [string, string | Buffer, number][] = [
		['no JSON', '{', 4400],
		['deep JSON', '['.repeat(200_000), 4400],
		['no array', '{"t":"ping","n":1}', 4400],
		['an unknown frame', '[{"t":"welcome"}]', 4400],
		['a frame too many', `[${Array(65).fill('{"t":"ping","n":1}').join(',')}]`, 4400],
		['bytes', Buffer.from([1, 2, 3]), 4400],
		['too many bytes', ' '.repeat(LIMITS.messageBytes + 1), 1009]
	];

	test.each(cases)('[F3] %s: refused and closed, before hello and after it', async (_, message, code) => {
		const { stranger, inside, ada, bob } = await start();
		const [early, late, other] = [await stranger(), await inside(ada.token), await inside(bob.token)];
		for (const peer of [early, late]) {
			peer.socket.send(message, { binary: typeof message !== 'string' });
			expect(await peer.closed).toBe(code);
			if (code === 4400) expect(peer.frames.at(-1)).toEqual({ t: 'fault', code: 'bad-message' });
		}
		await other.level();
	});

	test('[F1] invalid UTF-8 is 1007, endless fragments are cut off', async () => {
		const { stranger } = await start();
		const broken = await stranger();
		broken.socket.send(Buffer.from([0x5b, 0xff, 0x5d]), { binary: false });
		expect(await broken.closed).toBe(1007);
		const endless = await stranger();
		for (let index = 0; index < 2_000; index++) endless.socket.send('', { fin: false });
		expect(await endless.closed).toBe(1008);
	});

	test('[F3] one bad frame and none of its message is done', async () => {
		const { inside, log, ada, room } = await start();
		const peer = await inside(ada.token);
		const good = { t: 'send', room, id: newId(), body: bodyOf('x') };
		peer.socket.send(JSON.stringify([good, { ...good, body: '' }]));
		expect(await peer.closed).toBe(4400);
		expect(await log.head(room)).toBe(0);
	});
});

describe('heartbeats', () => {
	test('[L1] who answers stays, who falls silent is cut off within two', async () => {
		const { inside, clock, ada, bob } = await start();
		const [alive, silent] = [await inside(ada.token), await inside(bob.token)];
		for (let beat = 0; beat < 3; beat++) {
			const pinged = [alive, silent].map(
				({ socket }) => new Promise((resolve) => socket.once('ping', resolve))
			);
			clock.turn(25_000);
			await Promise.all(pinged);
			await Promise.all([alive.level(), silent.level()]);
		}
		// half-open: the socket stands, but nothing comes through it any more
		silent.socket.pause();
		for (let beat = 0; beat < 2; beat++) {
			clock.turn(25_000);
			await alive.level();
		}
		clock.turn(100);
		expect((await alive.next('presence', ({ here }) => here.length === 1)).here).toEqual([ada.account.id]);
		silent.socket.resume();
		expect(await silent.closed).toBe(1006);
	});
});

test('[L6] a server that stops acknowledges what it accepted, then closes with 1001', async () => {
	const { inside, sockets, hub, log, ada, bob, room } = await start();
	const [peer, other] = [await inside(ada.token), await inside(bob.token)];
	const accepted = new Promise<void>((resolve) => {
		const take = hub.append.bind(hub);
		hub.append = (event) => {
			resolve();
			return take(event);
		};
	});
	peer.say({ t: 'send', room, id: newId(), body: bodyOf('last words') });
	await accepted;
	await sockets.stop(() => log.close());
	expect(await peer.closed).toBe(1001);
	expect(await other.closed).toBe(1001);
	expect(peer.of('ack')).toMatchObject([{ seq: 1 }]);
	expect(other.events(room)).toMatchObject([{ seq: 1, body: bodyOf('last words') }]);
	await expect(new Peer((await start()).origin).opened()).resolves.toBeUndefined();
});

/** @returns the status line of an upgrade by hand */
function upgrade(origin: string, path: string): Promise<string> {
	const { hostname, port } = new URL(origin);
	return new Promise((resolve, reject) => {
		const stream = connect(Number(port), hostname, () => {
			stream.write(
				`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
					'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
			);
		});
		stream.on('data', (data) => resolve(String(data).split('\r\n')[0] ?? ''));
		stream.on('error', reject);
	});
}
