/** What a room may import from another: its values and types, or its types alone. */
type Reach = 'all' | 'types';

const LIB = [
	...['message', 'history', 'prompt', 'models', 'engine', 'responder', 'seal', 'wire', 'link'],
	...['chat', 'room', 'ui', 'text', 'shell', 'i18n']
];
const everything = Object.fromEntries(LIB.map((room) => [room, 'all' as const]));

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
	chat: { message: 'all', history: 'all', models: 'all' },
	room: { message: 'all', history: 'all', seal: 'all', wire: 'all', link: 'all' },
	ui: { message: 'types', i18n: 'all', shell: 'all' },
	// what wires and shows
	app: everything,
	routes: {
		app: 'all',
		ui: 'all',
		i18n: 'all',
		shell: 'all',
		message: 'types',
		chat: 'types',
		room: 'types'
	},
	// other threads and machines
	'service-worker': { shell: 'all', policy: 'all' },
	server: { wire: 'all', policy: 'all' }
};
