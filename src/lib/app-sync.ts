import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { BUILT_HOSTS, reachable } from './app-origins.ts';
import type { EngineRoom } from './app-engine.ts';
import type { NetworkRoom } from './app-network.ts';
import { createRooms } from './app-rooms.ts';
import type { History } from './history/history.ts';
import { AppConfigError, loadAppConfig } from './models/app-config.ts';
import { Account } from './room/account.svelte.ts';
import { HttpApi } from './room/api.ts';
import type { RoomSession } from './room/api-parse.ts';
import { type Notifier, Notifications } from './room/notifications.svelte.ts';
import { Watched } from './shell/watched.ts';
import { newsWords } from './ui/room/words.ts';

/**
 * The part of the composition root that talks to a sync server, made when the rooms are wanted.
 * @param path the path the app is served under, without a slash at its end
 * @param engines models and engines, on first use
 */
export async function createSync(
	history: History,
	path: string,
	{ network }: NetworkRoom,
	engines: () => Promise<EngineRoom>
) {
	const base = new URL(`${path}/`, location.href).href;
	// a page that comes here first may be faster than the database; what it cannot read, the account tells
	await history.open().catch(() => undefined);
	const { server, configError } = await findServer(base, network.fetch());
	let session: RoomSession | null = null;
	const api = new HttpApi({
		server,
		fetch: network.fetch('rooms'),
		token: () => session?.token ?? null
	});
	const rooms = createRooms({ history, api, base: path, server, network, engines });
	const account = new Account(history, api, (now) => {
		session = now;
		if (now) rooms.signIn(now);
		else rooms.signOut();
	});
	const notifications = new Notifications(history, browserNotifier(base), newsWords);
	rooms.onNews((news) => {
		const told = notifications.tell(news, () => void goto(resolve('/room/[id]', { id: news.room })));
		told.catch((error: unknown) => console.error('A message came that nobody could be notified of:', error));
	});
	return {
		account,
		rooms,
		notifications,
		configError,
		openRooms: (search: string, signal: AbortSignal) => api.openRooms(search, signal)
	};
}

export type Sync = Awaited<ReturnType<typeof createSync>>;

/** Where the sync server is: where the file beside the app says, else where the build was told, else beside the app. */
async function findServer(
	base: string,
	fetch: typeof globalThis.fetch
): Promise<{ server: string; configError: AppConfigError | undefined }> {
	const usual = (BUILT_HOSTS.sync || base).replace(/\/+$/, '');
	try {
		const { sync } = await loadAppConfig(fetch, reachable(base));
		return { server: sync?.replace(/\/$/, '') ?? usual, configError: undefined };
	} catch (error) {
		if (!(error instanceof AppConfigError)) throw error;
		// without a network and without a copy of it, nothing can be said of the file
		const silent = error.failure.kind === 'unreachable' || error.failure.kind === 'http';
		return { server: usual, configError: silent ? undefined : error };
	}
}

function browserNotifier(base: string): Notifier {
	const supported = 'Notification' in window;
	const watched = new Watched(navigator.locks, document, window);
	return {
		permission: () => (supported ? Notification.permission : undefined),
		ask: () => Notification.requestPermission(),
		watched: async () => watched.now(),
		show(title, options, onPicked) {
			const icon = new URL('icons/icon-192.png', base).href;
			try {
				const shown = new Notification(title, { ...options, icon });
				shown.onclick = () => {
					window.focus();
					shown.close();
					onPicked();
				};
			} catch {
				// phones let only the service worker show them
				void navigator.serviceWorker?.ready.then((worker) =>
					worker.showNotification(title, { ...options, icon })
				);
			}
		}
	};
}
