import { expect, test } from 'vitest';
import { tableOf } from '../../../scripts/lib/fault-table.ts';

test('the fault matrix adds up notes of one fault, and leaves out what a fault cannot touch', () => {
	const table = tableOf([
		{ fault: 'worker killed', injected: 3, lost: 0, resumed: 3 },
		{ fault: 'flipped byte', injected: 2, wrong: 0 },
		{ fault: 'worker killed', injected: 1, lost: 1, resumed: 0 }
	]);
	const rows = table.split('\n').map((line) => line.trim().split(/ {2,}/));
	expect(rows).toEqual([
		['fault', 'injected', 'messages lost', 'answers resumed', 'wrong bytes used'],
		['worker killed', '4', '1', '3', '–'],
		['flipped byte', '2', '–', '–', '0'],
		['all', '6', '1', '3', '0']
	]);
});
