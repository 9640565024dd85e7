import { describe, expect, test } from 'vitest';
import { lockBackup, unlockBackup } from '#lib/seal/backup.ts';
import { concat, equal, fromBase64url, sha256, toBase64url, utf8, type Bytes } from '#lib/seal/bytes.ts';
import { continuity } from '#lib/seal/chain.ts';
import { newDevice, safetyNumber, type Device } from '#lib/seal/device.ts';
import {
	deriveEpochKey,
	formatFragment,
	newRoomSecret,
	nextEpoch,
	parseFragment,
	type EpochKey
} from '#lib/seal/keys.ts';
import { pad, paddedSize, unpad } from '#lib/seal/padding.ts';
import { MOST_BYTES, NO_LINK, open, seal, type Link, type Place } from '#lib/seal/seal.ts';
import { DeviceKeys } from '#lib/seal/device-keys.ts';
import { makeTools } from '#lib/seal/tools.ts';
import { unwrapSecret, wrapSecret } from '#lib/seal/wrap.ts';

const A = 'A'.repeat(22);
const B = `${'B'.repeat(21)}A`;
const C = `${'C'.repeat(21)}A`;
const PLACE: Place = { kind: 'event', room: A, author: B, id: C };
const SECRET = { epoch: 3, secret: run(0, 32) };

/** RFC 8032's first test key, in the wrapping that WebCrypto imports. */
const RFC_KEY =
	'302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const RFC_PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

/** Made by another implementation of FORMAT.md, on Python's cryptography package. */
const VECTOR = {
	text: '你好, Alcove',
	envelope:
		'AQAAAAPXWpgBgrEKt9VL_tPJZAc6DuFy89qmIyWvAhpo9wdRGgAAAAUREREREREREREREREREREREREREREREREREREREREREaChoqOkpaanqKmqq1CS2Gt-ErZTwVa-DAov4b-QhDuUjSBYThwwnX6uhdz9LngBH4okfy_VDsv5SHgZsAsOMzSivOTnk8qoHqT4fXd69bPTB-d1w0HU8n3_VFR9Xto6oSqFLcwxWDOH7wjxfnrLs14jku515dlGLen6NcsvXb_Ph9lulNV-qaiT10LL_Ph2XCOskZCOG8A6Q9J-7oyELeiE2Bs42vCylR1rkeC3NVaZZdRdnDVakLz8Kz7PzEbrjxxRtro2sx15xVJ-mrjEuU4sDO2U_sbAcPBLPqBkuc1_WcFNlv-zP_7MdvOQdSd4CobysmP-kxOi98-OngwFkHJWdq00l-QUNRnYzGKGUE2moJWcq0bCh2QSG4NB7wY6s0bLzXBC5Nx7PGJmyPQVZHJbzZy3XBq_jWY5lGqE-Wm45nlgihkcjjVzZecz9NxJkiuQ_rVOZmebRB8fBw',
	hash: '54c084045319fe765ee7fd41585a1533583949add20ea063b80963aec6c16893',
	fragment: 'AQAAAAMAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHzmnxrA',
	number: '24555 65474 38224 24026 75309 62267 77289 87398 13744 80373 69639 58617',
	backup: 'QUxDQgEAAAPoAAECAwQFBgcICQoLDA0OD7CxsrO0tba3uLm6u7OWG-xX0bctlmIoJhSvVu6eRz8Ek9AFr2lXmw'
};

/** The seal's promises, wherever there is WebCrypto. */
export function sealSuite(where: string): void {
	describe(`the seal in ${where}`, () => {
		vectors();
		envelopes();
		chains();
		keys();
		sizes();
	});
}

function vectors(): void {
	test('[E1] [E2] [E3] [K1] the fixed envelope is made and opened to the byte', async () => {
		const device = await rfcDevice();
		const key = await deriveEpochKey(A, SECRET);
		const before: Link = { count: 4, hash: new Uint8Array(32).fill(0x11) };
		const sealed = await seal(utf8(VECTOR.text), PLACE, key, device, before, () => run(0xa0, 12));
		expect(toBase64url(sealed.envelope)).toBe(VECTOR.envelope);
		expect(hex(sealed.link.hash)).toBe(VECTOR.hash);
		const opened = await open(bytes(VECTOR.envelope), PLACE, () => key);
		expect(new TextDecoder().decode(opened.bytes)).toBe(VECTOR.text);
		expect([hex(opened.device), opened.epoch, opened.link]).toEqual([RFC_PUBLIC, 3, sealed.link]);
		expect(opened.previous).toEqual(before.hash);
	});

	test('[K2] [N1] [B1] so are the fragment, the safety number and the backup', async () => {
		expect(await formatFragment({ secret: SECRET, invite: null })).toBe(VECTOR.fragment);
		expect(await parseFragment(VECTOR.fragment)).toEqual({ secret: SECRET, invite: null });
		const devices = [new Uint8Array(32).fill(0x22), (await rfcDevice()).id];
		expect(await safetyNumber(A, SECRET, devices)).toBe(VECTOR.number);
		const random = (length: number) => (length === 16 ? run(0, 16) : run(0xb0, 12));
		const file = await lockBackup(utf8('all my keys'), 'correct horse', 1_000, random);
		expect(toBase64url(file)).toBe(VECTOR.backup);
		expect(await unlockBackup(file, 'correct horse')).toEqual(utf8('all my keys'));
	});
}

function envelopes(): void {
	test('[E1] what is sealed opens again, of any size, as event and as signal', async () => {
		const { device, key } = await setUp();
		for (const length of [0, 1, 251, 252, 253, 1_000, 40_000]) {
			for (const kind of ['event', 'signal'] as const) {
				const plain = run(length, length);
				const place = { ...PLACE, kind };
				const { envelope } = await seal(plain, place, key, device, NO_LINK);
				const opened = await open(envelope, place, () => key);
				expect(equal(opened.bytes, plain)).toBe(true);
				expect(opened.device).toEqual(device.id);
			}
		}
	});

	test('[E2] it opens at no other place', async () => {
		const { device, key } = await setUp();
		const { envelope } = await seal(utf8('here'), PLACE, key, device, NO_LINK);
		const others: Partial<Place>[] = [{ room: B }, { author: C }, { id: A }, { author: B + C, id: '' }];
		for (const other of others) {
			expect(await failure(open(envelope, { ...PLACE, ...other }, () => key))).toBe('signature');
		}
		expect(await failure(open(envelope, { ...PLACE, kind: 'signal' }, () => key))).toBe('malformed');
	});

	test('[E3] not one changed bit anywhere gets through, and every cut is refused', async () => {
		const { device, key } = await setUp();
		const { envelope } = await seal(utf8('here'), PLACE, key, device, NO_LINK);
		for (let index = 0; index < envelope.length; index++) {
			const changed = envelope.slice();
			changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
			expect(await failure(open(changed, PLACE, () => key)), `byte ${index}`).toMatch(
				/signature|version|malformed/
			);
		}
		for (let length = 0; length < envelope.length; length += 7) {
			expect(await failure(open(envelope.slice(0, length), PLACE, () => key))).toMatch(/signature|malformed/);
		}
		expect(await failure(open(concat(envelope, Uint8Array.of(0)), PLACE, () => key))).toBe('signature');
	});

	test('[E3] what a room is opened with comes to the same, however many devices write in it', async () => {
		const { device, key } = await setUp();
		const devices = [device, await newDevice(), await newDevice()];
		// keeps the keys of two, so that the third drives one out
		const tools = await makeTools(new DeviceKeys(2).check);
		for (const { id, sign } of [...devices, ...devices]) {
			const sealed = await seal(utf8('here'), PLACE, key, { id, sign }, NO_LINK);
			const { envelope } = sealed;
			const opened = await open(envelope, PLACE, () => key, tools);
			expect(opened).toEqual(await open(envelope, PLACE, () => key));
			expect(opened.link).toEqual(sealed.link);
			const changed = envelope.slice();
			changed[200] = (changed[200] ?? 0) ^ 1;
			expect(await failure(open(changed, PLACE, () => key, tools))).toBe('signature');
			// another device's signature under this device's name
			changed.set(device.id === id ? run(9, 32) : device.id, 5);
			expect(await failure(open(changed, PLACE, () => key, tools))).toBe('signature');
		}
	});

	test('[E3] one who has the room key but not the device cannot write in its name', async () => {
		const { device, key } = await setUp();
		const forger = await newDevice();
		const { envelope } = await seal(
			utf8('forged'),
			PLACE,
			key,
			{ id: device.id, sign: forger.sign },
			NO_LINK
		);
		expect(await failure(open(envelope, PLACE, () => key))).toBe('signature');
	});

	test('[K1] without the key of its epoch or with another one it does not open', async () => {
		const { device, key } = await setUp();
		const { envelope } = await seal(utf8('here'), PLACE, key, device, NO_LINK);
		expect(await failure(open(envelope, PLACE, () => undefined))).toBe('epoch');
		const wrong = await deriveEpochKey(A, newRoomSecret(0));
		expect(await failure(open(envelope, PLACE, () => wrong))).toBe('altered');
		const elsewhere = { ...key, room: B };
		expect(await failure(open(envelope, PLACE, () => elsewhere))).toBe('epoch');
	});

	test('[E1] the same bytes sealed twice have nothing in common, and no nonce comes twice', async () => {
		const { device, key } = await setUp();
		const nonces = new Set<string>();
		for (let index = 0; index < 200; index++) {
			const { envelope } = await seal(utf8('same'), PLACE, key, device, NO_LINK);
			nonces.add(toBase64url(envelope.slice(73, 85)));
			expect(toBase64url(envelope)).not.toContain(toBase64url(utf8('same')).slice(0, 5));
		}
		expect(nonces.size).toBe(200);
	});

	test('[E4] what does not fit a body is refused before it is sent', async () => {
		const { device, key } = await setUp();
		await expect(seal(new Uint8Array(MOST_BYTES), PLACE, key, device, NO_LINK)).rejects.toThrow(RangeError);
	});
}

function chains(): void {
	test('[C1] a chain follows; a gap, a replay and a second history are told apart', async () => {
		const { device, key } = await setUp();
		const first = await seal(utf8('1'), PLACE, key, device, NO_LINK);
		const second = await seal(utf8('2'), PLACE, key, device, first.link);
		const third = await seal(utf8('3'), PLACE, key, device, second.link);
		const other = await seal(utf8('2, but to others'), PLACE, key, device, first.link);
		const after = async (last: Link | undefined, { envelope }: { envelope: Bytes }) =>
			continuity(last, await open(envelope, PLACE, () => key));
		expect(await after(undefined, first)).toBe('next');
		expect(await after(first.link, second)).toBe('next');
		expect(await after(first.link, third)).toBe('missing');
		expect(await after(undefined, second)).toBe('missing');
		expect(await after(third.link, first)).toBe('seen');
		expect(await after(second.link, second)).toBe('seen');
		expect(await after(second.link, other)).toBe('forked');
		expect(await after(other.link, third)).toBe('forked');
	});
}

function keys(): void {
	test('[K2] a fragment with an invite comes back; one that is cut or mistyped is refused', async () => {
		const link = { secret: newRoomSecret(7), invite: 'i'.repeat(43) };
		const text = await formatFragment(link);
		expect(await parseFragment(`#${text}`)).toEqual(link);
		for (let index = 0; index < text.length; index++) {
			const cut = text.slice(0, index);
			if (cut.length !== text.length - 44)
				expect(await failure(parseFragment(cut)), cut).toMatch(/malformed|version/);
		}
		const typo = text.replace(
			/^(.{20})(.)/,
			(_, head: string, char: string) => head + (char === 'A' ? 'B' : 'A')
		);
		expect(await failure(parseFragment(typo))).toBe('malformed');
		for (const bad of ['', '#', 'ä', `${text}.x`, `${text}.${'i'.repeat(43)}`, 'Ag']) {
			expect(await failure(parseFragment(bad))).toMatch(/malformed|version/);
		}
	});

	test('[K1] the next epoch has nothing of the one before, and there is one after the last for nobody', async () => {
		const next = nextEpoch(SECRET);
		expect(next.epoch).toBe(4);
		expect(next.secret).not.toEqual(SECRET.secret);
		expect(() => nextEpoch({ ...SECRET, epoch: 0xffff_ffff })).toThrow(RangeError);
	});

	test('[K3] a new secret reaches the device it was wrapped for, in its room and epoch only', async () => {
		const [one, other] = [await newDevice(), await newDevice()];
		const secret = newRoomSecret(4);
		const wrapped = await wrapSecret(A, secret, one.agreement);
		expect(await unwrapSecret(A, 4, wrapped, one)).toEqual(secret);
		expect(await failure(unwrapSecret(A, 4, wrapped, other))).toBe('altered');
		expect(await failure(unwrapSecret(B, 4, wrapped, one))).toBe('altered');
		expect(await failure(unwrapSecret(A, 5, wrapped, one))).toBe('altered');
		expect(await failure(unwrapSecret(A, 4, wrapped.slice(1), one))).toBe('malformed');
		expect(await failure(wrapSecret(A, secret, new Uint8Array(32)))).toBe('malformed');
	});

	test('[N1] the safety number minds the room, the key and each device, not their order', async () => {
		const [one, two] = [(await newDevice()).id, (await newDevice()).id];
		const number = await safetyNumber(A, SECRET, [one, two]);
		expect(number).toMatch(/^(\d{5} ){11}\d{5}$/);
		expect(await safetyNumber(A, SECRET, [two, one])).toBe(number);
		const others = [
			safetyNumber(B, SECRET, [one, two]),
			safetyNumber(A, newRoomSecret(3), [one, two]),
			safetyNumber(A, { ...SECRET, epoch: 4 }, [one, two]),
			safetyNumber(A, SECRET, [one])
		];
		for (const other of await Promise.all(others)) expect(other).not.toBe(number);
	});

	test('[B1] a backup opens by its passphrase alone, and not when a byte was changed', async () => {
		const file = await lockBackup(utf8('all my keys'), 'correct horse', 10);
		expect(await failure(unlockBackup(file, 'wrong horse'))).toBe('passphrase');
		expect(await unlockBackup(await lockBackup(utf8('x'), 'Ａbc', 10), 'Abc')).toEqual(utf8('x'));
		for (let index = 9; index < file.length; index++) {
			const changed = file.slice();
			changed[index] = (changed[index] ?? 0) ^ 1;
			expect(await failure(unlockBackup(changed, 'correct horse'))).toBe('passphrase');
		}
		const endless = concat(file.slice(0, 5), new Uint8Array(4).fill(0xff), file.slice(9));
		expect(await failure(unlockBackup(endless, 'correct horse'))).toBe('malformed');
		expect(await failure(unlockBackup(file.slice(0, 20), 'correct horse'))).toBe('malformed');
		expect(await failure(unlockBackup(new Uint8Array(0), ''))).toBe('malformed');
	});

	test('private keys cannot be read out of a device', async () => {
		const device = await newDevice();
		for (const key of [device.sign, device.agree]) {
			expect(key.extractable).toBe(false);
			await expect(crypto.subtle.exportKey('pkcs8', key)).rejects.toThrow();
		}
	});
}

function sizes(): void {
	test('[E4] padding comes off again, tells little, and costs at most an eighth', () => {
		const seen = new Set<number>();
		for (let length = 0; length < 20_000; length += 37) {
			const padded = pad(run(1, length));
			expect(equal(unpad(padded), run(1, length))).toBe(true);
			expect(padded.length).toBe(paddedSize(length));
			if (length > 252) expect((padded.length - length - 4) / (length + 4)).toBeLessThan(1 / 8);
			seen.add(padded.length);
		}
		expect(seen.size).toBeLessThan(128);
		expect(new Set([0, 1, 100, 252].map(paddedSize))).toEqual(new Set([256]));
	});

	test('[E4] padding that is not as it should be is refused', async () => {
		const good = pad(run(1, 301));
		for (const [at, value] of [
			[good.length - 1, 1],
			[3, 255],
			[2, 9],
			[0, 255]
		] as const) {
			const bad = good.slice();
			bad[at] = value;
			expect(() => unpad(bad)).toThrow('malformed');
		}
		expect(() => unpad(new Uint8Array(3))).toThrow('malformed');
		expect(() => unpad(concat(good, new Uint8Array(16)))).toThrow('malformed');
	});

	test('[E2] a place in any language is bound, and one that is too long is not', async () => {
		const { device, key } = await setUp();
		const place = { ...PLACE, author: 'Zoë 张' };
		const { envelope } = await seal(utf8('here'), place, key, device, NO_LINK);
		expect((await open(envelope, place, () => key)).bytes).toEqual(utf8('here'));
		expect(await failure(open(envelope, { ...place, author: 'Zoe 张' }, () => key))).toBe('signature');
		const long = { ...PLACE, author: '张'.repeat(21_846) };
		await expect(seal(utf8('here'), long, key, device, NO_LINK)).rejects.toThrow('too long');
	});

	test('base64url has one form for each byte string', async () => {
		for (let length = 0; length < 70; length++)
			expect(bytes(toBase64url(run(7, length)))).toEqual(run(7, length));
		const long = run(3, 50_000);
		expect(await sha256(bytes(toBase64url(long)))).toEqual(await sha256(long));
		for (const bad of ['A', 'AB', 'AAB', 'AA==', 'A+A/', 'AA A', 'ä', 'AAAä', 'AAAAA.', 'AAAAAA.', 'AAAAA'])
			expect(fromBase64url(bad)).toBeNull();
	});
}

async function setUp(): Promise<{ device: Device; key: EpochKey }> {
	return { device: await newDevice(), key: await deriveEpochKey(A, newRoomSecret(0)) };
}

async function rfcDevice(): Promise<Pick<Device, 'id' | 'sign'>> {
	const sign = await crypto.subtle.importKey('pkcs8', unhex(RFC_KEY), 'Ed25519', false, ['sign']);
	return { sign, id: unhex(RFC_PUBLIC) };
}

/** What a call failed for. */
async function failure(call: Promise<unknown>): Promise<string> {
	try {
		await call;
		return 'nothing';
	} catch (error) {
		if (error instanceof Error && 'kind' in error && typeof error.kind === 'string') return error.kind;
		throw error;
	}
}

function bytes(text: string): Bytes {
	const found = fromBase64url(text);
	if (!found) throw new Error('no base64url');
	return found;
}

/** Rising bytes. */
function run(first: number, length: number): Bytes {
	return Uint8Array.from({ length }, (_, index) => first + index);
}

function hex(of: Bytes): string {
	return [...of].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function unhex(text: string): Bytes {
	return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
