import { runTool } from './process.ts';

/**
 * Writes what type checks need and a fresh clone lacks: Kit's types and the compiled strings.
 * Where the strings go must agree with vite.config.ts.
 * @returns whether both were written
 */
export async function generate(): Promise<boolean> {
	const strings = await runTool({
		tool: '@inlang/paraglide-js',
		program: 'paraglide-js',
		args: [
			...['compile', '--silent', '--emit-ts-declarations'],
			...['--project', './src/i18n/project.inlang', '--outdir', './src/lib/i18n/paraglide'],
			...['--strategy', 'globalVariable', 'baseLocale', '--output-structure', 'message-modules']
		]
	});
	return (await runTool({ tool: '@sveltejs/kit', program: 'svelte-kit', args: ['sync'] })) && strings;
}
