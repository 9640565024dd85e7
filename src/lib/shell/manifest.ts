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

/**
 * The web app manifest.
 * @param base the path the app is served under: "" at a root, else "/alcove"
 * @param taken tells whether there is a file of that name in static/screenshots
 */
export function webManifest(base: string, taken: (file: string) => boolean): Partial<ManifestOptions> {
	const icon = (src: string, sizes: string, purpose: 'any' | 'maskable' | 'monochrome') => ({
		src: `${base}/icons/${src}`,
		sizes,
		type: src.endsWith('.svg') ? 'image/svg+xml' : 'image/png',
		purpose
	});
	return {
		id: `${base}/`,
		start_url: `${base}/`,
		scope: `${base}/`,
		name: 'Alcove',
		short_name: 'Alcove',
		description: 'An AI chat that lives in a browser tab: the model runs on your own device.',
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
			{ name: 'New chat', url: `${base}/`, icons: [icon('icon-192.png', '192x192', 'any')] },
			{ name: 'Models', url: `${base}/models`, icons: [icon('icon-192.png', '192x192', 'any')] }
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
