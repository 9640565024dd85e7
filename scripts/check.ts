/** `npm run check`: the types of the window, the workers and Node. */
import { GENERATION, TYPES } from './lib/steps.ts';

const failed: string[] = [];
for (const step of [GENERATION, ...TYPES]) failed.push(...(await step.run()).failed);
console.log(failed.length ? `Failed: ${failed.join(', ')}` : 'All types fit.');
process.exitCode = failed.length ? 1 : 0;
