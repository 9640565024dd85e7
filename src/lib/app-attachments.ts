import { Attachments } from './chat/attachments.svelte.ts';
import { readFile } from './files/read.ts';
import type { Ruler } from './responder/counting.ts';

/** What holds the files of the composer, which are read in this browser and counted by the model's tokenizer. */
export const createAttachments = (ruler: () => Promise<Ruler>) =>
	new Attachments(readFile, async (text, signal) => {
		const { known, count } = await ruler();
		return known(text) ?? count(text, signal);
	});
