import { createHash, randomBytes } from 'node:crypto';

/** 128 random bits, in base64url: the id of an account, a room, a connection. */
export function newId(): string {
	return randomBytes(16).toString('base64url');
}

/** 256 random bits, in base64url: an access token or an invite, known to whoever was given it. */
export function newSecret(): string {
	return randomBytes(32).toString('base64url');
}

/** What is stored of a secret. A random one of 256 bits needs no salt and no slow hash. */
export function fingerprint(secret: string): string {
	return createHash('sha256').update(secret).digest('base64url');
}
