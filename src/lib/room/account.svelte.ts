import type { History } from '#lib/history/history.ts';
import { HistoryError } from '#lib/message/errors.ts';
import { ApiError } from './api-error.ts';
import type { HttpApi } from './api.ts';
import { parseSession, type RoomSession } from './api-parse.ts';

/** Who is logged in on this device. */
export type AccountState =
	| { kind: 'reading' }
	| { kind: 'out' }
	| { kind: 'in'; session: RoomSession }
	| { kind: 'failed'; error: HistoryError };

/** Whether there is a sync server, as far as it was asked. */
export type ServerState =
	{ kind: 'asking' } | { kind: 'here' } | { kind: 'none' } | { kind: 'away'; error: ApiError };

/** Why something about the account did not work. */
export type AccountProblem = ApiError | HistoryError;

/** Where the session is kept on this device; exports leave it out. */
export const SESSION_KEY = 'account';

/** The person's account on the sync server: who is logged in here, in all tabs, and what can be done about it. */
export class Account {
	#state = $state.raw<AccountState>({ kind: 'reading' });
	#server = $state.raw<ServerState>({ kind: 'asking' });
	readonly #history: History;
	readonly #api: HttpApi;

	/** @param onSession told who is logged in, now and whenever that changes in any tab; null is nobody */
	constructor(history: History, api: HttpApi, onSession: (session: RoomSession | null) => void) {
		this.#history = history;
		this.#api = api;
		history.settings.one(SESSION_KEY).subscribe(
			(kept) => {
				const session = parseSession(kept);
				if (this.#state.kind === 'in' && this.#state.session.token === session?.token) return;
				this.#state = session ? { kind: 'in', session } : { kind: 'out' };
				onSession(session);
			},
			(error) => (this.#state = { kind: 'failed', error })
		);
	}

	get state(): AccountState {
		return this.#state;
	}

	get server(): ServerState {
		return this.#server;
	}

	/** Asks whether there is a sync server. */
	async look(signal?: AbortSignal): Promise<void> {
		try {
			await this.#api.look(signal);
			this.#server = { kind: 'here' };
		} catch (error) {
			if (signal?.aborted) return;
			if (!(error instanceof ApiError)) throw error;
			this.#server = error.kind === 'answer' ? { kind: 'none' } : { kind: 'away', error };
		}
	}

	/** Makes an account, and logs in. @returns what stood in the way, if something did; so do the others */
	register(name: string, password: string): Promise<AccountProblem | undefined> {
		return attempt(async () => this.#keep(await this.#api.register(name, password)));
	}

	logIn(name: string, password: string): Promise<AccountProblem | undefined> {
		return attempt(async () => this.#keep(await this.#api.logIn(name, password)));
	}

	/** Also without the server: the token is then forgotten here, and runs out there. */
	logOut(): Promise<AccountProblem | undefined> {
		return attempt(async () => {
			await this.#api.logOut().catch(unlessApi);
			await this.#keep(undefined);
		});
	}

	/** On all devices, this one included. */
	logOutEverywhere(): Promise<AccountProblem | undefined> {
		return attempt(async () => {
			await this.#api.logOutEverywhere();
			await this.#keep(undefined);
		});
	}

	/** Logs out the other devices. */
	changePassword(current: string, next: string): Promise<AccountProblem | undefined> {
		return attempt(() => this.#api.changePassword(current, next));
	}

	/** Deletes the account with all it wrote. @param erase removes from this device what belonged to it */
	remove(password: string, erase: () => Promise<void>): Promise<AccountProblem | undefined> {
		return attempt(async () => {
			await this.#api.deleteAccount(password);
			await erase();
			await this.#keep(undefined);
		});
	}

	#keep(session: RoomSession | undefined): Promise<void> {
		return this.#history.settings.set(SESSION_KEY, session);
	}
}

/** A token that the server does not know any more, or cannot be told of, is no reason to stay logged in. */
function unlessApi(error: unknown): void {
	if (!(error instanceof ApiError)) throw error;
}

async function attempt(work: () => Promise<void>): Promise<AccountProblem | undefined> {
	try {
		await work();
		return undefined;
	} catch (error) {
		if (error instanceof ApiError || error instanceof HistoryError) return error;
		throw error;
	}
}
