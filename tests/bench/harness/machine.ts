import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** Whose speed shows in the app's. */
const LIBRARIES = [
	'ws',
	'socket.io',
	'@sveltejs/kit',
	'svelte',
	'dexie',
	'@mlc-ai/web-llm',
	'@wllama/wllama'
];

/** Where and with what a measurement was taken. */
export interface Setup {
	date: string;
	/** `load`: how many processes wanted a core in the last minute; beyond `cores` times are those of a crowd. */
	machine: { cpu: string; cores: number; memoryGiB: number; load: number };
	node: string;
	browser: string;
	/** The app's version and its libraries', by package. */
	versions: Record<string, string>;
}

/** @param browser name and version of the browser that was driven */
export function describeSetup(root: string, browser: string): Setup {
	const processors = cpus();
	const libraries = LIBRARIES.map((name) => [name, versionOf(`${root}node_modules/${name}`)]);
	return {
		date: new Date().toISOString(),
		machine: {
			cpu: processors[0]?.model ?? 'unknown',
			cores: processors.length,
			memoryGiB: Math.round(totalmem() / 2 ** 30),
			load: loadavg()[0] ?? 0
		},
		node: process.version,
		browser,
		versions: { alcove: versionOf(root), ...Object.fromEntries(libraries) }
	};
}

function versionOf(folder: string): string {
	const manifest: unknown = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
	const known = typeof manifest === 'object' && manifest && 'version' in manifest;
	return known ? String(manifest.version) : 'unknown';
}
