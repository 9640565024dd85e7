/**
 * `npm run test:cluster`: the server on PostgreSQL and Redis, and behind nginx, each started by the tests on a port
 * and in a folder of its own; and on a disk whose power is cut. As root on Debian it installs what is missing;
 * elsewhere it says what cannot run.
 */
import { CLUSTER } from './lib/steps.ts';

let failed = 0;
for (const step of CLUSTER) {
	const outcome = await step.run();
	failed += outcome.failed.length;
	for (const { name, reason } of outcome.skipped) console.log(`skipped: ${name}: ${reason}`);
	for (const name of outcome.failed) console.log(`failed: ${name}`);
	console.log(`${outcome.passed} passed, ${outcome.failed.length} failed, ${outcome.skipped.length} skipped`);
}
process.exitCode = failed > 0 ? 1 : 0;
