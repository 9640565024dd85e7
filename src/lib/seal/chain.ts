import { equal } from './bytes.ts';
import { NO_LINK, type Link, type Signed } from './seal.ts';

/**
 * What an envelope says about what came before it from its device (C1): it follows, it is one that was
 * seen, some are missing in between, or there are two histories.
 */
export type Continuity = 'next' | 'seen' | 'missing' | 'forked';

/** @param last the device's last envelope that was seen in the room; undefined when none was */
export function continuity(last: Link | undefined, { link, previous }: Signed): Continuity {
	const { count, hash } = last ?? NO_LINK;
	if (link.count > count + 1) return 'missing';
	if (link.count === count + 1) return equal(previous, hash) ? 'next' : 'forked';
	// of older ones only the hashes of the last is at hand: the log's numbers tell those apart
	return link.count < count || equal(link.hash, hash) ? 'seen' : 'forked';
}
