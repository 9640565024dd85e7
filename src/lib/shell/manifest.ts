import type { ManifestOptions } from 'vite-plugin-pwa';

/** The page's background in the light and in the dark scheme; app.html names the same two. */
export const BACKGROUND = { light: '#f7f4ee', dark: '#1b1917' };

/** Pictures for the install dialog, in static/screenshots; one that was not taken is left out. */
export const SCREENSHOTS = [
	{ file: 'wide.png', sizes: '1280x800', form_factor: 'wide', label: 'A chat on a computer' },
	{ file: 'narrow.png', sizes: '780x1688', form_factor: 'narrow', label: 'A chat on a phone' }
] as const;

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
		shortcuts: [{ name: 'New chat', url: `${base}/`, icons: [icon('icon-192.png', '192x192', 'any')] }]
	};
}
