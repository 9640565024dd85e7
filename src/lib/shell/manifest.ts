import type { ManifestOptions } from 'vite-plugin-pwa';
import { SHARE_FIELDS, SHARE_PATH } from './shared.ts';

/** The page's background in the light and in the dark scheme; app.html names the same two. */
export const BACKGROUND = { light: '#f7f4ee', dark: '#1b1917' };

/** Pictures for the install dialog, in static/screenshots; one that was not taken is left out. */
export const SCREENSHOTS = [
	{ file: 'wide.png', sizes: '1280x800', form_factor: 'wide', label: 'A chat on a computer' },
	{ file: 'narrow.png', sizes: '780x1688', form_factor: 'narrow', label: 'A chat on a phone' }
] as const;

/** Files that the app reads, by their types: those that other programs open with it and share with it. */
const FILES: Record<string, string[]> = {
	'text/plain': ['.txt', '.text', '.log', '.ini', '.conf', '.toml', '.yaml', '.yml'],
	'text/markdown': ['.md', '.markdown'],
	'text/csv': ['.csv'],
	'text/tab-separated-values': ['.tsv'],
	'text/html': ['.html', '.htm'],
	'text/css': ['.css'],
	'text/javascript': ['.js', '.mjs', '.cjs', '.jsx'],
	'text/x-typescript': ['.ts', '.tsx'],
	'text/x-python': ['.py'],
	'text/x-c': ['.c', '.h', '.cc', '.cpp', '.hpp'],
	'text/x-java': ['.java', '.kt'],
	'text/x-go': ['.go'],
	'text/x-rust': ['.rs'],
	'text/x-sh': ['.sh'],
	'text/x-sql': ['.sql'],
	'application/json': ['.json'],
	'application/xml': ['.xml'],
	'application/pdf': ['.pdf']
};

type Shortcut = NonNullable<ManifestOptions['shortcuts']>[number];

/** The manifest with its words in other languages too, which systems look for that know of them. */
interface Manifest extends Omit<Partial<ManifestOptions>, 'shortcuts'> {
	description_localized: Record<string, string>;
	shortcuts: (Shortcut & { name_localized: Record<string, string> })[];
}

/**
 * The web app manifest.
 * @param base the path the app is served under: "" at a root, else "/alcove"
 * @param taken tells whether there is a file of that name in static/screenshots
 */
export function webManifest(base: string, taken: (file: string) => boolean): Manifest {
	const icon = (src: string, sizes: string, purpose: 'any' | 'maskable' | 'monochrome') => ({
		src: `${base}/icons/${src}`,
		sizes,
		type: src.endsWith('.svg') ? 'image/svg+xml' : 'image/png',
		purpose
	});
	const shortcutIcons = [icon('icon-192.png', '192x192', 'any')];
	return {
		id: `${base}/`,
		start_url: `${base}/`,
		scope: `${base}/`,
		name: 'Alcove',
		short_name: 'Alcove',
		description: 'An AI chat that lives in a browser tab: the model runs on your own device.',
		// any Chinese, as the app itself reads what is preferred
		description_localized: { zh: '住在浏览器标签页里的 AI 聊天：模型在您自己的设备上运行。' },
		lang: 'en',
		dir: 'ltr',
		display: 'standalone',
		orientation: 'any',
		categories: ['productivity', 'utilities'],
		background_color: BACKGROUND.light,
		theme_color: BACKGROUND.light,
		icons: [
			icon('icon.svg', 'any', 'any'),
			icon('icon-192.png', '192x192', 'any'),
			icon('icon-512.png', '512x512', 'any'),
			icon('maskable-192.png', '192x192', 'maskable'),
			icon('maskable-512.png', '512x512', 'maskable'),
			icon('monochrome.svg', 'any', 'monochrome')
		],
		screenshots: SCREENSHOTS.filter(({ file }) => taken(file)).map(({ file, ...picture }) => ({
			src: `${base}/screenshots/${file}`,
			type: 'image/png',
			...picture
		})),
		shortcuts: [
			{ name: 'New chat', name_localized: { zh: '新对话' }, url: `${base}/`, icons: shortcutIcons },
			{ name: 'Models', name_localized: { zh: '模型' }, url: `${base}/models`, icons: shortcutIcons }
		],
		share_target: {
			action: `${base}/${SHARE_PATH}`,
			method: 'POST',
			enctype: 'multipart/form-data',
			params: {
				title: SHARE_FIELDS.title,
				text: SHARE_FIELDS.text,
				url: SHARE_FIELDS.url,
				files: { name: SHARE_FIELDS.files, accept: [...Object.keys(FILES), ...Object.values(FILES).flat()] }
			}
		},
		file_handlers: [{ action: `${base}/`, accept: FILES }],
		// a window of its own: whatever another one is in the middle of goes on, and all share one engine
		launch_handler: { client_mode: ['navigate-new', 'auto'] }
	};
}
