import { createContext } from 'svelte';
import type { Arrival, LaunchQueue } from './app-arrivals.ts';
import type { EngineRoom } from './app-engine.ts';
import type { NetworkRoom } from './app-network.ts';
import { onceThere } from './app-once.ts';
import type { Sync } from './app-sync.ts';
import { Chat } from './chat/chat.svelte.ts';
import { parseChosenModel } from './chat/chosen.ts';
import type { YourData } from './chat/data.svelte.ts';
import type { Finding } from './chat/finding.svelte.ts';
import { ConversationList } from './chat/list.svelte.ts';
import { Opening } from './chat/opening.svelte.ts';
import { Setting } from './chat/setting.svelte.ts';
import { History } from './history/history.ts';
import { Locale } from './i18n/locale.svelte.ts';
import { Shell } from './shell/shell.svelte.ts';
import type { AnswerStatus } from './ui/status.ts';
import type { Id } from './message/message.ts';
import { LookChoice, SHORTCUT_CHOICES, TEXT_SIZES, THEMES } from './ui/theme.svelte.ts';

/** Small choices that must be there before the first paint. Without storage they last as long as the page. */
function memory(storage: () => Storage) {
	const fallback = new Map<string, string>();
	return {
		get(key: string): string | null {
			try {
				return storage().getItem(key);
			} catch {
				return fallback.get(key) ?? null;
			}
		},
		set(key: string, value: string): void {
			fallback.set(key, value);
			try {
				storage().setItem(key, value);
			} catch (error) {
				console.info('The choice lasts only as long as this page:', error);
			}
		}
	};
}

/**
 * The composition root: makes every part with the real clock, storage, locks and workers, and joins
 * them. What answers questions is heavy and comes in only when an answer is wanted.
 * @param base the path the app is served under, without a slash at its end
 */
export function createApp(base: string) {
	const preferences = memory(() => window.localStorage);
	/** What is being written outlives a reload, and the end of its page. */
	const unsent = memory(() => window.sessionStorage);
	const locale = new Locale(preferences, navigator.languages, document.documentElement);
	const theme = new LookChoice(preferences, document.documentElement, 'theme', THEMES);
	const textSize = new LookChoice(preferences, document.documentElement, 'text', TEXT_SIZES);
	const shortcuts = new LookChoice(preferences, document.documentElement, 'shortcuts', SHORTCUT_CHOICES);
	const history = new History({ now: () => Date.now(), newId: () => crypto.randomUUID() });
	const shell = new Shell({
		container: import.meta.env.DEV ? undefined : navigator.serviceWorker,
		base,
		reload: () => location.reload()
	});
	const opening = new Opening(history, async () => (await import('./app-rescue.ts')).rescue(history.name));
	const list = new ConversationList(history);
	const chosen = new Setting(history, 'model', parseChosenModel);

	const home = new URL(`${base}/`, location.href).href;

	/** The way out and its record, made once. */
	let networkRoom: Promise<NetworkRoom> | undefined;
	const network = () =>
		(networkRoom ??= import('./app-network.ts').then(({ createNetwork }) =>
			createNetwork(home, shell.controlled())
		));

	/** The heavy half: models, engines and the responder, made once. */
	let engineRoom: Promise<EngineRoom> | undefined;
	const engines = () => {
		engineRoom ??= import('./app-engine.ts').then(async ({ createEngineRoom }) =>
			createEngineRoom({ history, base: home, ready: shell.controlled(), ...(await network()) })
		);
		return engineRoom;
	};

	const ruler = async () => (await engines()).ruler();

	/** Goes to a page of its own, without anything that the old one still held. */
	const leave = () => {
		sessionStorage.clear();
		location.assign(`${base}/`);
	};
	/** Tells the other tabs that everything was erased: what they show is not to stay either. */
	const erased = new BroadcastChannel('alcove:erased');
	erased.onmessage = leave;

	/** Export, import and backups, made once. */
	let dataRoom: Promise<YourData> | undefined;
	const data = () => {
		dataRoom ??= import('./app-data.ts').then(({ createData }) =>
			createData(history, () => {
				erased.postMessage(null);
				leave();
			})
		);
		return dataRoom;
	};

	/** Account and rooms, made once; nobody asks the network for them before. */
	let syncRoom: Promise<Sync> | undefined;
	const synced = Promise.withResolvers<Sync>();
	const rooms = () => {
		syncRoom ??= import('./app-sync.ts').then(async ({ createSync }) =>
			createSync(history, base, await network(), engines)
		);
		synced.resolve(syncRoom);
		return syncRoom;
	};

	let finding: Promise<Finding> | undefined;
	const find = () => {
		finding ??= import('./app-finding.ts').then(({ createFinding }) =>
			createFinding(history, shell.controlled())
		);
		return finding;
	};

	/** Follows what is told of the answers, from when the engines are there. */
	const watch = (begin: (bulletin: EngineRoom['bulletin']) => () => void) =>
		onceThere(engines(), ({ bulletin }) => begin(bulletin));

	const start = async () => {
		const controlled = shell.start();
		if (await opening.start()) {
			chosen.start();
			list.start(Date.now());
			// where a folder for backups was chosen, something new goes there
			void history.settings.get('backup').then((folder) => folder && data());
			// whoever is logged in hears of new messages on every page
			void history.settings.get('account').then((session) => session && rooms());
			// whoever finds open answers offers to write them; the lock decides who does
			history.messages.openAnswers().subscribe(
				(open) => {
					if (open.length > 0) void engines().then((room) => room.respond());
				},
				(error) => console.error('The open answers cannot be read:', error)
			);
		}
		await controlled;
	};

	return {
		locale,
		unsent,
		theme,
		textSize,
		shortcuts,
		history,
		shell,
		opening,
		list,
		chosen,
		engines,
		data,
		rooms,
		/** The same, once somebody wanted it. */
		synced: synced.promise,
		network,
		find,
		start,
		/** What works on a chat's conversation. @param open shows another one */
		tools: async (chat: Chat, open: (conversation: Id) => Promise<void>) =>
			(await import('./chat/tools.ts')).createChatTools(history, chat, open, ruler),
		attachments: async () => (await import('./app-attachments.ts')).createAttachments(ruler),
		/** What becomes of the oldest turns where a conversation says nothing. */
		overflow: async () => new (await import('./chat/overflow.svelte.ts')).OverflowDefault(history),
		/** Takes what other programs hand over: what stands in the address, and files that are opened with the app. */
		arrivals(take: (arrival: Arrival) => void): void {
			const { launchQueue } = window as { launchQueue?: LaunchQueue };
			if (location.search || (launchQueue && matchMedia('(display-mode: standalone)').matches))
				void import('./app-arrivals.ts').then(({ receive }) =>
					receive({ search: location.search, base: home, caches, launchQueue }, take)
				);
		},
		newChat: () =>
			new Chat(history, (answer, onText) => watch((bulletin) => bulletin.watch(answer, onText)), unsent),
		/** Follows what the device's responder is doing. @returns the function that ends it */
		watchStatus: (onStatus: (status: AnswerStatus) => void) =>
			watch((bulletin) => bulletin.watchStatus(onStatus))
	};
}

export type App = ReturnType<typeof createApp>;

/** Hands the app down from the root layout to the pages. */
export const [getApp, setApp] = createContext<App>();
