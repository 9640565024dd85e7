// What Vite puts around an import(): the styles of the chunk are there before it runs, and its own imports
// are fetched at the same time. Vite's version also serves browsers without modulepreload, and nonces.
const asked = new Map();

function link(href) {
	const element = document.createElement('link');
	const isStyle = href.endsWith('.css');
	element.rel = isStyle ? 'stylesheet' : 'modulepreload';
	element.href = href;
	const loaded =
		isStyle &&
		new Promise((resolve, reject) => {
			element.onload = resolve;
			element.onerror = () => {
				asked.delete(href);
				reject(new Error(`No style at ${href}`));
			};
		});
	document.head.append(element);
	return loaded;
}

for (const { href } of document.querySelectorAll('head link')) asked.set(href, true);

export async function __vitePreload(load, files, from) {
	const links = (files ?? []).map((file) => {
		const { href } = new URL(file, from);
		if (!asked.has(href)) asked.set(href, link(href));
		return asked.get(href);
	});
	await Promise.all(links);
	return load();
}
