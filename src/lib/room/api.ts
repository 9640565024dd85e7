import type { WireId } from '#lib/wire/frames.ts';
import {
	ApiError,
	type ApiErrorKind,
	type ApiMember,
	type ApiRoom,
	type RoomAccess,
	type RoomApi,
	type Role
} from './api-error.ts';
import {
	parseList,
	parseLoggedIn,
	parseMember,
	parseNewInvite,
	parseOpenRoom,
	parseRoom
} from './api-parse.ts';
import type { OpenRoom, RoomSession } from './api-parse.ts';

export interface ApiEnvironment {
	/** Where the sync server is, without a slash at its end: "https://chat.example". */
	server: string;
	fetch: typeof globalThis.fetch;
	/** Of whoever is logged in here; null while nobody is. */
	token: () => string | null;
}

interface Asked {
	method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
	body?: unknown;
	signal?: AbortSignal | undefined;
	/** A token other than that of whoever is logged in. */
	token?: string;
}

/** The server's refusals; what it calls otherwise is a fault of its own. */
const REFUSALS: ReadonlySet<string> = new Set<ApiErrorKind>([
	...(['invalid', 'token', 'credentials', 'not-found', 'not-owner', 'banned', 'name-taken'] as const),
	...([
		'already-member',
		'last-owner',
		'room-full',
		'too-many-rooms',
		'too-many-invites',
		'rate',
		'busy',
		'storage-full'
	] as const)
]);

/** The sync server's HTTP side. Every method rejects with an ApiError, or with what the signal was aborted for. */
export class HttpApi implements RoomApi {
	readonly #env: ApiEnvironment;

	constructor(env: ApiEnvironment) {
		this.#env = env;
	}

	/** Whether a sync server answers. @throws ApiError offline, answer (something else answers), server */
	async look(signal?: AbortSignal): Promise<void> {
		const answer = await this.#ask('/server', { signal });
		if (typeof answer !== 'object' || answer === null || !('protocol' in answer))
			throw new ApiError('answer');
	}

	/** @throws ApiError also: invalid (name, password), name-taken, rate, busy */
	async register(name: string, password: string): Promise<RoomSession> {
		return parseLoggedIn(await this.#ask('/accounts', { method: 'POST', body: { name, password } }));
	}

	/** @throws ApiError also: invalid, credentials, rate, busy */
	async logIn(name: string, password: string): Promise<RoomSession> {
		return parseLoggedIn(await this.#ask('/sessions', { method: 'POST', body: { name, password } }));
	}

	async logOut(): Promise<void> {
		await this.#ask('/sessions/current', { method: 'DELETE' });
	}

	/** This device, too. */
	async logOutEverywhere(): Promise<void> {
		await this.#ask('/sessions', { method: 'DELETE' });
	}

	/** Logs out the other devices. @throws ApiError also: invalid (next), credentials, rate, busy */
	async changePassword(current: string, next: string): Promise<void> {
		await this.#ask('/account/password', { method: 'PUT', body: { current, next } });
	}

	/** Deletes the account with what it wrote. @throws ApiError also: credentials, rate, busy */
	async deleteAccount(password: string): Promise<void> {
		await this.#ask('/account/deletion', { method: 'POST', body: { password } });
	}

	async rooms(signal?: AbortSignal): Promise<ApiRoom[]> {
		return parseList(await this.#ask('/rooms', { signal }), 'rooms', parseRoom);
	}

	/** Open rooms I am not in. @param search a part of a name, or '' for all */
	async openRooms(search: string, signal?: AbortSignal): Promise<OpenRoom[]> {
		const query = new URLSearchParams(search === '' ? {} : { search });
		return parseList(await this.#ask(`/rooms/open?${query.toString()}`, { signal }), 'rooms', parseOpenRoom);
	}

	async members(room: WireId, signal?: AbortSignal): Promise<ApiMember[]> {
		return parseList(await this.#ask(`/rooms/${room}/members`, { signal }), 'members', parseMember);
	}

	async create(access: RoomAccess, id: WireId): Promise<ApiRoom> {
		return parseRoom(await this.#ask('/rooms', { method: 'POST', body: { access, id } }));
	}

	async join(room: WireId, invite: string | null): Promise<ApiRoom> {
		return parseRoom(await this.#ask(`/rooms/${room}/members`, { method: 'POST', body: { invite } }));
	}

	async remove(room: WireId, account: WireId): Promise<void> {
		await this.#ask(`/rooms/${room}/members/${account}`, { method: 'DELETE' });
	}

	async setRole(room: WireId, account: WireId, role: Role): Promise<void> {
		await this.#ask(`/rooms/${room}/members/${account}/role`, { method: 'PUT', body: { role } });
	}

	async invite(room: WireId, uses: number, life: number) {
		return parseNewInvite(
			await this.#ask(`/rooms/${room}/invites`, { method: 'POST', body: { uses, life } })
		);
	}

	async endInvites(room: WireId): Promise<void> {
		await this.#ask(`/rooms/${room}/invites`, { method: 'DELETE' });
	}

	async close(room: WireId): Promise<void> {
		await this.#ask(`/rooms/${room}`, { method: 'DELETE' });
	}

	/** @returns the answer's JSON, or undefined of an empty one */
	async #ask(path: string, { method = 'GET', body, signal }: Asked): Promise<unknown> {
		const token = this.#env.token();
		const headers = {
			...(token === null ? {} : { Authorization: `Bearer ${token}` }),
			...(body === undefined ? {} : { 'Content-Type': 'application/json' })
		};
		const init: RequestInit = {
			...{ method, headers, credentials: 'omit', cache: 'no-store', redirect: 'error' },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			...(signal ? { signal } : {})
		};
		try {
			const response = await this.#env.fetch(`${this.#env.server}/api/v1${path}`, init);
			if (response.status === 204) return undefined;
			const answer = await readJson(response);
			if (!response.ok) throw problemOf(response, answer);
			return answer;
		} catch (error) {
			if (error instanceof ApiError || signal?.aborted) throw error;
			const forbidden = error instanceof Error && error.name === 'NoNetworkError';
			throw new ApiError(forbidden ? 'no-network' : 'offline', { cause: error });
		}
	}
}

/** @throws ApiError answer: a host without a sync server answers with a page of its own */
async function readJson(response: Response): Promise<unknown> {
	const type = response.headers.get('Content-Type') ?? '';
	if (!/^application\/(problem\+)?json\b/.test(type)) {
		throw new ApiError(response.status >= 500 ? 'server' : 'answer');
	}
	const text = await response.text();
	try {
		return JSON.parse(text) as unknown;
	} catch (cause) {
		throw new ApiError('answer', { cause });
	}
}

/** An RFC 9457 problem as an error; its type names it. */
function problemOf({ status, headers }: Response, problem: unknown): ApiError {
	const type: unknown = typeof problem === 'object' && problem !== null ? Reflect.get(problem, 'type') : null;
	if (typeof type !== 'string') return new ApiError(status >= 500 ? 'server' : 'answer');
	const name = type.slice(type.indexOf('#') + 1);
	if (!isRefusal(name)) return new ApiError('server');
	const wait = Number(headers.get('Retry-After') ?? 0) * 1_000;
	return new ApiError(name, { wait: Number.isFinite(wait) ? wait : 0, fields: fieldsOf(problem) });
}

function isRefusal(name: string): name is ApiErrorKind {
	return REFUSALS.has(name);
}

/** The fields by their names: the server's JSON pointers without the slash. */
function fieldsOf(problem: unknown): { field: string; message: string }[] {
	const errors: unknown = Reflect.get(Object(problem) as object, 'errors');
	if (!Array.isArray(errors)) return [];
	return errors.flatMap((entry: unknown) => {
		const field: unknown = Reflect.get(Object(entry) as object, 'field');
		const message: unknown = Reflect.get(Object(entry) as object, 'message');
		const isField = typeof field === 'string' && typeof message === 'string';
		return isField ? [{ field: field.replace(/^\//, ''), message }] : [];
	});
}
