import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { writeSelfTestGguf } from '../../../scripts/talking/gguf.ts';
import { catalogue, findBuild } from '../../../src/lib/models/catalogue.ts';

test('the catalogue knows the size of the self-test model that the build makes, and its hash', () => {
	const bytes = writeSelfTestGguf();
	const build = findBuild(catalogue('https://alcove.example/'), 'self-test-gguf')?.build;
	expect(build).toMatchObject({ engine: 'wllama', url: 'https://alcove.example/self-test.gguf' });
	expect(build?.bytes).toBe(bytes.length);
	expect(build).not.toHaveProperty('approximate');
	if (build?.engine === 'wllama' && build.sha256 !== undefined) {
		expect(build.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
	}
});
