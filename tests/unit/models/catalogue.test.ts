import { modelLibURLPrefix, modelVersion, prebuiltAppConfig } from '@mlc-ai/web-llm';
import { describe, expect, test } from 'vitest';
import { catalogue, findBuild, hasFiles, SELF_TEST, type WebllmBuild } from '#lib/models/catalogue.ts';
import { MODEL_HOSTS } from '../../../src/policy.ts';

const models = catalogue('https://chat.example/alcove/');
const builds = models.flatMap((model) => model.builds).filter(hasFiles);
const webllm = builds.filter((build): build is WebllmBuild => build.engine === 'webllm');

describe('the catalogue', () => {
	test.each(webllm)('names library, folder and memory of $id as the installed WebLLM does', (build) => {
		const record = prebuiltAppConfig.model_list.find(({ model_id }) => model_id === `${build.id}-MLC`);
		expect(record?.model_lib).toBe(build.library);
		expect(build.library.startsWith(modelLibURLPrefix + modelVersion)).toBe(true);
		expect(build.url).toBe(`${record?.model}/resolve/main/`);
		expect(build.memory).toBe(Math.round((record?.vram_required_MB ?? 0) * 1024 ** 2));
	});

	test('asks for shader-f16 wherever the weights are 16-bit floats, and only there', () => {
		for (const build of webllm) expect(build.needs.f16 ?? false).toBe(build.quantization.includes('f16'));
	});

	test('has no two models or builds of one id', () => {
		const ids = [...models, ...builds].map(({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
	});

	test('fetches only from hosts that the policy allows, or from the app itself', () => {
		const urls = builds.flatMap((build) =>
			build.engine === 'webllm' ? [build.url, build.library] : [build.url]
		);
		const allowed: string[] = [...MODEL_HOSTS, 'https://chat.example'];
		for (const url of urls) expect(allowed).toContain(new URL(url).origin);
	});

	test.each(models.filter(({ id }) => id !== SELF_TEST))(
		'names licence, page, languages and what a token costs for $id',
		({ licence, page, languages, builds: offered }) => {
			expect(licence?.url).toMatch(/^https:/);
			expect(page).toMatch(/^https:/);
			expect(languages).toContain('en');
			for (const { cost, bytes } of offered) expect(cost?.weights).toBeLessThanOrEqual(bytes);
		}
	);

	test.each(models)(
		'has a build of $id for a GPU without shader-f16 or for the CPU',
		({ builds: offered }) => {
			expect(offered.some(({ needs }) => !needs.f16)).toBe(true);
		}
	);

	test('offers no GGUF that is too long for one file in a browser', () => {
		for (const build of builds) if (build.engine === 'wllama') expect(build.bytes).toBeLessThan(2 ** 31);
	});

	test('has the self-test beside the app, at a pace one can watch', () => {
		const found = models.find(({ id }) => id === SELF_TEST)?.builds[0];
		expect(found).toMatchObject({ url: 'https://chat.example/alcove/self-test.gguf', pace: 40 });
	});

	test('takes what a host pins for files that are not pinned yet', () => {
		const gguf = builds.find(({ id }) => id === 'Qwen2-0.5B-Instruct-q4_k_m');
		const pin = { bytes: 5, sha256: 'c'.repeat(64) };
		const pins = { [gguf?.url ?? '']: pin };
		const pinned = catalogue('https://chat.example/', [], pins);
		const build = findBuild(pinned, gguf?.id ?? '')?.build;
		expect(build).toMatchObject(pin);
		expect(build).not.toHaveProperty('approximate');
		expect(findBuild(pinned, webllm[0]?.id ?? '')?.build).toMatchObject({ pins });
	});

	test('takes the sums of parts of a file that is pinned already, and no other pin', () => {
		const gguf = builds.find((build) => build.engine === 'wllama' && build.sha256);
		const sha256 = gguf?.engine === 'wllama' ? (gguf.sha256 ?? '') : '';
		const url = gguf?.engine === 'wllama' ? gguf.url : '';
		const parts = { size: 8 * 1024 ** 2, sha256: ['d'.repeat(64)] };
		const found = (sum: string) => {
			const pins = { [url]: { bytes: gguf?.bytes ?? 0, sha256: sum, parts } };
			return findBuild(catalogue('https://chat.example/', [], pins), gguf?.id ?? '')?.build;
		};
		expect(found(sha256)).toMatchObject({ sha256, parts });
		expect(found('e'.repeat(64))).toMatchObject({ sha256 });
		expect(found('e'.repeat(64))).not.toHaveProperty('parts');
	});

	test('finds a build with its model', () => {
		const build = builds[1];
		expect(findBuild(models, build?.id ?? '')?.build).toBe(build);
		expect(findBuild(models, 'no such build')).toBeUndefined();
	});
});
