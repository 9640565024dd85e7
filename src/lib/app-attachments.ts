import { Attachments } from './chat/attachments.svelte.ts';
import { readFile } from './files/read.ts';

/** What holds the files of the composer, which are read in this browser. */
export const createAttachments = () => new Attachments(readFile);
