import type { WireId } from '#lib/wire/frames.ts';
import type { Bus } from '../bus/bus.ts';
import { fingerprint, newId, newSecret } from '../random.ts';
import { RateLimiter, type Rate } from '../rate.ts';
import { Refusal } from '../refusal.ts';
import type { Passwords } from './password.ts';
import type { Account, AccountStore, Session } from './store.ts';

export interface AccountLimits {
	/** New accounts from one address. */
	register: Rate;
	/** Wrong passwords for one account, whoever tries. */
	loginByAccount: Rate;
	/** Wrong passwords from one address, whatever the accounts. */
	loginByAddress: Rate;
	/** Milliseconds after which a device has to log in again. */
	sessionLife: number;
	sessionsPerAccount: number;
}

const MINUTE = 60_000;

export const DEFAULT_ACCOUNT_LIMITS: AccountLimits = {
	register: { burst: 10, every: 6 * MINUTE },
	loginByAccount: { burst: 10, every: MINUTE },
	loginByAddress: { burst: 30, every: MINUTE / 6 },
	sessionLife: 90 * 24 * 60 * MINUTE,
	sessionsPerAccount: 32
};

/** A device that was just logged in. The token is shown this once and stored only as a hash. */
export interface LoggedIn {
	account: Account;
	session: Session;
	token: string;
}

interface Parts {
	store: AccountStore;
	passwords: Passwords;
	bus: Bus;
	now: () => number;
	limits: AccountLimits;
	/** Takes an account out of its rooms, with what it wrote. */
	forget: (account: WireId) => Promise<void>;
}

/** Who may come in. Addresses are what the limits count by; they are not stored. */
export class Accounts {
	readonly #parts: Parts;
	readonly #register: RateLimiter;
	readonly #byAccount: RateLimiter;
	readonly #byAddress: RateLimiter;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#register = new RateLimiter(parts.limits.register, parts.now);
		this.#byAccount = new RateLimiter(parts.limits.loginByAccount, parts.now);
		this.#byAddress = new RateLimiter(parts.limits.loginByAddress, parts.now);
	}

	/** @throws Refusal name-taken, rate, busy */
	async register(name: string, password: string, address: string): Promise<LoggedIn> {
		const { store, passwords, now } = this.#parts;
		const wait = this.#register.take(address);
		if (wait > 0) throw new Refusal('rate', wait);
		if (await store.byKey(nameKey(name))) throw new Refusal('name-taken');
		const passwordHash = await passwords.hash(password);
		const account = { id: newId(), name: name.normalize('NFC'), createdAt: now(), passwordHash };
		if (!(await store.create(account, nameKey(name)))) throw new Refusal('name-taken');
		return this.#newSession(account);
	}

	/** @throws Refusal credentials (the same for an unknown name and a wrong password), rate, busy */
	async logIn(name: string, password: string, address: string): Promise<LoggedIn> {
		const account = await this.#parts.store.byKey(nameKey(name));
		await this.#prove(account, nameKey(name), password, address);
		if (!account) throw new Refusal('credentials');
		return this.#newSession(account);
	}

	/** @throws Refusal token */
	async authenticate(token: string): Promise<{ account: Account; session: Session }> {
		const { store, now } = this.#parts;
		const session = await store.session(fingerprint(token));
		if (!session || session.expiresAt <= now()) throw new Refusal('token');
		const account = await store.byId(session.account);
		if (!account) throw new Refusal('token');
		return { account, session };
	}

	async logOut(session: Session): Promise<void> {
		await this.#parts.store.endSession(session.id);
		this.#parts.bus.publish({ kind: 'revoked', account: session.account, sessions: { only: session.id } });
	}

	async logOutEverywhere(account: WireId): Promise<void> {
		await this.#parts.store.endSessions(account);
		this.#parts.bus.publish({ kind: 'revoked', account, sessions: { allBut: null } });
	}

	/** The other devices are logged out. @throws Refusal credentials, rate, busy */
	async changePassword(session: Session, current: string, next: string, address: string): Promise<void> {
		const { store, passwords, bus } = this.#parts;
		await this.#proveAgain(session, current, address);
		await store.setPassword(session.account, await passwords.hash(next), session.id);
		bus.publish({ kind: 'revoked', account: session.account, sessions: { allBut: session.id } });
	}

	/**
	 * Removes the account and its data. The account's own row goes last, so that what a crash cut short
	 * can be asked for again. @throws Refusal credentials, rate, busy
	 */
	async remove(session: Session, password: string, address: string): Promise<void> {
		await this.#proveAgain(session, password, address);
		await this.#parts.forget(session.account);
		await this.#parts.store.remove(session.account);
		this.#parts.bus.publish({ kind: 'revoked', account: session.account, sessions: { allBut: null } });
	}

	async #proveAgain(session: Session, password: string, address: string): Promise<void> {
		const account = await this.#parts.store.byId(session.account);
		await this.#prove(account, account ? nameKey(account.name) : session.account, password, address);
	}

	/** Counts the try before the costly check, and gives it back when the password was right. */
	async #prove(account: Account | null, key: string, password: string, address: string): Promise<void> {
		const wait = this.#takeBoth(key, address);
		if (wait > 0) throw new Refusal('rate', wait);
		const right = await this.#parts.passwords.verify(account?.passwordHash ?? null, password);
		if (!right) throw new Refusal('credentials');
		this.#byAccount.giveBack(key);
		this.#byAddress.giveBack(address);
	}

	#takeBoth(key: string, address: string): number {
		const byAddress = this.#byAddress.take(address);
		if (byAddress > 0) return byAddress;
		const byAccount = this.#byAccount.take(key);
		if (byAccount > 0) this.#byAddress.giveBack(address);
		return byAccount;
	}

	async #newSession(account: Account): Promise<LoggedIn> {
		const { store, now, limits } = this.#parts;
		await store.endExpired(now());
		const token = newSecret();
		const session = { id: newId(), account: account.id, expiresAt: now() + limits.sessionLife };
		await store.addSession(session, fingerprint(token), limits.sessionsPerAccount);
		return { account, session, token };
	}
}

/** The form in which two names are the same: "Ada", "ADA" and "Ａda" are. */
export function nameKey(name: string): string {
	return name.normalize('NFKC').toLowerCase();
}
