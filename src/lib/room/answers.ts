import type { Assistance, Job } from '#lib/history/rooms/rows.ts';
import type { Op } from './payload.ts';

/**
 * Whose answer counts (PAYLOAD.md, A1 to A6): a pure function of the log. What is said of one answer goes in,
 * in the log's order, and what comes out is the same on every device.
 */

/** The account that the assistant's answers are named by: nobody's (A1). */
export const ASSISTANT = 'A'.repeat(22);

/** The bounds of the rules. */
export const MOST_CLAIMS = 16;
export const MOST_OPEN = 32;
export const MOST_OFFERS = 64;

/** Who says something. */
export interface Speaker {
	account: string;
	device: string;
	/** Whether this device offers its model. */
	offers: boolean;
}

export type AnswerOp = Extract<Op, { t: 'claim' | 'answer' | 'stop' }>;

/** An answer that was just asked for (A2). */
export function newJob(asker: string): Job {
	return { asker, claim: null, claims: 0, state: 'open' };
}

/** What an answer is after something was said of it. @returns null when that counts for nothing */
export function advance(job: Job, op: AnswerOp, by: Speaker): Job | null {
	if (job.state === 'over') return null;
	const { claim } = job;
	switch (op.t) {
		case 'claim': {
			const follows = op.over === (claim?.id ?? null) && op.id !== claim?.id;
			if (!follows || !by.offers || job.claims === MOST_CLAIMS) return null;
			const { account, device } = by;
			return { ...job, claim: { id: op.id, account, device }, claims: job.claims + 1 };
		}
		case 'answer':
			return claim?.id === op.claim && claim.device === by.device ? { ...job, state: 'over' } : null;
		case 'stop':
			if (by.account !== job.asker && by.account !== claim?.account) return null;
			return { ...job, state: claim ? 'stopping' : 'over' };
	}
}

/** Before anything was said. */
export const NO_ASSISTANCE: Assistance = { offers: {}, wishes: [], open: [] };

/** Takes an offer, or its end (A3). */
export function offered(
	offers: Assistance['offers'],
	model: string | null,
	{ account, device }: { account: string; device: string }
): Assistance['offers'] {
	const others = Object.fromEntries(Object.entries(offers).filter(([id]) => id !== device));
	if (model === null) return others;
	return Object.keys(others).length < MOST_OFFERS ? { ...others, [device]: { account, model } } : offers;
}

/** Takes a wish (A7): one for each account, the latest last. */
export function wished(
	wishes: Assistance['wishes'],
	wish: Assistance['wishes'][number]
): Assistance['wishes'] {
	return [...wishes.filter(({ account }) => account !== wish.account), wish].slice(-MOST_OFFERS);
}

/** Whether every message is answered: the latest word of those who own the room now (A7). */
export function answersEvery(
	wishes: Assistance['wishes'],
	members: readonly { account: string; role: string }[]
): boolean {
	const owners = new Set(members.filter(({ role }) => role === 'owner').map(({ account }) => account));
	return wishes.findLast(({ account }) => owners.has(account))?.every === true;
}
