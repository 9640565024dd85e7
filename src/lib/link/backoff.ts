const FIRST = 500;
const MOST = 30_000;

/**
 * How long to wait before the next try, in milliseconds: doubling from half a second up to 30 seconds, each time
 * somewhere in the upper half, so that clients of a server that restarted do not all come at once.
 * @param tries how many have failed in a row, from 1
 * @param random a number in [0, 1)
 */
export function backoff(tries: number, random: number): number {
	const whole = Math.min(MOST, FIRST * 2 ** Math.min(tries - 1, 16));
	return Math.round(whole * (0.5 + random / 2));
}
