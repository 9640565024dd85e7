import type { WireId } from '#lib/wire/frames.ts';

export interface Account {
	id: WireId;
	/** As its owner writes it. */
	name: string;
	/** Milliseconds since the epoch. */
	createdAt: number;
	/** argon2id, with its parameters. */
	passwordHash: string;
}

/** A device that is logged in. Its token is known to it alone. */
export interface Session {
	id: WireId;
	account: WireId;
	expiresAt: number;
}

/** Where accounts and sessions are kept. Each call is atomic and on disk when it resolves. */
export interface AccountStore {
	/** @param key the name in the form in which two names are the same. @returns false when it is taken */
	create(account: Account, key: string): Promise<boolean>;
	byKey(key: string): Promise<Account | null>;
	byId(id: WireId): Promise<Account | null>;
	/** Sets the hash and ends all sessions but one. */
	setPassword(id: WireId, passwordHash: string, keep: WireId): Promise<void>;
	/** Removes the account and its sessions. */
	remove(id: WireId): Promise<void>;
	/** Adds a session; beyond `most` the ones that expire first end. */
	addSession(session: Session, tokenHash: string, most: number): Promise<void>;
	session(tokenHash: string): Promise<Session | null>;
	/** Those of the sessions that are there no more. */
	ended(sessions: readonly WireId[]): Promise<WireId[]>;
	endSession(id: WireId): Promise<void>;
	endSessions(account: WireId): Promise<void>;
	endExpired(now: number): Promise<void>;
}
