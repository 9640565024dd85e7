import { concat, equal, readUint32, uint32, utf8, type Bytes } from './bytes.ts';
import { SealError } from './errors.ts';
import { secureRandom, type Random } from './keys.ts';

const MAGIC = utf8('ALCB');
const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const HEADER_BYTES = MAGIC.length + 1 + 4 + SALT_BYTES + NONCE_BYTES;

/** OWASP's figure for PBKDF2 with SHA-256. */
export const DEFAULT_ITERATIONS = 600_000;
/** A file may not keep a device busy for ever. */
const MOST_ITERATIONS = 10_000_000;

/** Locks bytes by a passphrase (B1). */
export async function lockBackup(
	bytes: Bytes,
	passphrase: string,
	iterations: number = DEFAULT_ITERATIONS,
	random: Random = secureRandom
): Promise<Bytes> {
	const salt = random(SALT_BYTES);
	const iv = random(NONCE_BYTES);
	const header = concat(MAGIC, Uint8Array.of(VERSION), uint32(iterations), salt, iv);
	const key = await passphraseKey(passphrase, salt, iterations);
	const algorithm = { name: 'AES-GCM', iv, additionalData: header };
	return concat(header, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, bytes)));
}

/** @throws SealError malformed, version, passphrase (also when the file was altered) */
export async function unlockBackup(file: Bytes, passphrase: string): Promise<Bytes> {
	if (!equal(file.subarray(0, MAGIC.length), MAGIC)) throw new SealError('malformed');
	if (file[MAGIC.length] !== VERSION) throw new SealError('version');
	if (file.length < HEADER_BYTES + 16) throw new SealError('malformed');
	const header = file.slice(0, HEADER_BYTES);
	const iterations = readUint32(header, MAGIC.length + 1);
	if (iterations < 1 || iterations > MOST_ITERATIONS) throw new SealError('malformed');
	const salt = header.slice(-SALT_BYTES - NONCE_BYTES, -NONCE_BYTES);
	const algorithm = { name: 'AES-GCM', iv: header.slice(-NONCE_BYTES), additionalData: header };
	const key = await passphraseKey(passphrase, salt, iterations);
	try {
		return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, file.slice(HEADER_BYTES)));
	} catch (cause) {
		throw new SealError('passphrase', { cause });
	}
}

async function passphraseKey(passphrase: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
	const base = await crypto.subtle.importKey('raw', utf8(passphrase.normalize('NFKC')), 'PBKDF2', false, [
		'deriveKey'
	]);
	return crypto.subtle.deriveKey(
		{ name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
		base,
		{ name: 'AES-GCM', length: 256 },
		false,
		['encrypt', 'decrypt']
	);
}
