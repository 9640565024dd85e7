import { parseSetup, type Setup } from '#lib/message/setup.ts';

/** What a conversation that is yet to begin will set for itself. @param kept as `Chat.prepare` keeps it */
export function readPrepared(kept: string): Setup | undefined {
	if (kept === '') return undefined;
	try {
		return parseSetup(JSON.parse(kept));
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		console.error('What was set for the next conversation cannot be read:', error);
		return undefined;
	}
}
