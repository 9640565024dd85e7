import type { History } from '#lib/history/history.ts';
import type { RoomNews } from './words.ts';

/** Whether the person is told of messages while the app is open but not looked at. */
export type NotificationState = 'unsupported' | 'off' | 'on' | 'refused';

/** What the browser gives for notifications. */
export interface Notifier {
	/** Undefined where the browser has none. */
	permission(): NotificationPermission | undefined;
	ask(): Promise<NotificationPermission>;
	/** @param onPicked told when the person presses it */
	show(title: string, options: NotificationOptions, onPicked: () => void): void;
	/** Whether the person is looking at the app, in any of its tabs. */
	watched(): Promise<boolean>;
}

const KEY = 'room-notifications';

/** Tells of new messages by the device's own notifications, if the person wants it. */
export class Notifications {
	#wanted = $state(false);
	#permission = $state.raw<NotificationPermission | undefined>();
	readonly #history: History;
	readonly #notifier: Notifier;
	readonly #words: (news: RoomNews) => string;

	/** @param words those that tell of something */
	constructor(history: History, notifier: Notifier, words: (news: RoomNews) => string) {
		this.#history = history;
		this.#notifier = notifier;
		this.#words = words;
		this.#permission = notifier.permission();
		history.settings.one(KEY).subscribe(
			(wanted) => (this.#wanted = wanted === true),
			(error) => console.error('The wish for notifications cannot be read:', error)
		);
	}

	get state(): NotificationState {
		if (this.#permission === undefined) return 'unsupported';
		if (this.#permission === 'denied') return 'refused';
		return this.#wanted && this.#permission === 'granted' ? 'on' : 'off';
	}

	/** Asks the browser for leave; call it from a button. */
	async ask(): Promise<void> {
		this.#permission = await this.#notifier.ask();
		if (this.#permission === 'granted') await this.#history.settings.set(KEY, true);
	}

	async stop(): Promise<void> {
		await this.#history.settings.set(KEY, undefined);
	}

	/** Shows what came. Nobody who looks at the app needs it. @param onPicked opens its room */
	async tell(news: RoomNews, onPicked: () => void): Promise<void> {
		if (this.state !== 'on' || (await this.#notifier.watched())) return;
		// one for each room: the newest takes the place of the last
		const body = this.#words(news);
		const title = news.title ?? (news.kind === 'message' ? news.author : body);
		this.#notifier.show(title, { body, tag: news.room }, onPicked);
	}
}
