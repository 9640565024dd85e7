/** What a room may import from another: all of it; its types and its errors.ts; its types alone. */
type Reach = 'all' | 'errors' | 'types';

const LIB = [
	...['message', 'history', 'prompt', 'models', 'engine', 'responder', 'seal', 'wire', 'link'],
	...['chat', 'room', 'files', 'ui', 'text', 'shell', 'i18n']
];
const everything = Object.fromEntries(LIB.map((room) => [room, 'all' as const]));
const types = Object.fromEntries(LIB.map((room) => [room, 'types' as const]));

/**
 * The house: each room with the rooms it may import. Imports point one way; leaves know
 * message's types and nothing else; the two flows, chat and room, never meet.
 */
export const ROOMS: Record<string, Record<string, Reach>> = {
	// leaves
	message: {},
	prompt: { message: 'types' },
	models: { message: 'types' },
	engine: { message: 'types' },
	seal: { message: 'types' },
	wire: { message: 'types' },
	text: { message: 'types' },
	shell: {},
	i18n: {},
	policy: {},
	ambient: {},
	// what stands on them
	link: { wire: 'all' },
	history: { message: 'all' },
	responder: { message: 'all', history: 'all', prompt: 'all', models: 'all', engine: 'all' },
	files: { message: 'all' },
	chat: { message: 'all', history: 'all', prompt: 'all', models: 'all', files: 'errors' },
	room: { message: 'all', history: 'all', seal: 'all', wire: 'all', link: 'all' },
	ui: {
		message: 'all',
		text: 'all',
		i18n: 'all',
		shell: 'all',
		chat: 'types',
		room: 'types',
		models: 'errors',
		files: 'errors'
	},
	// what wires and shows
	app: { ...everything, policy: 'all' },
	routes: { ...types, app: 'all', ui: 'all', i18n: 'all', shell: 'all', ambient: 'all' },
	// other threads and machines
	'service-worker': { shell: 'all', policy: 'all' },
	server: { wire: 'all', policy: 'all' }
};
