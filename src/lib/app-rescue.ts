import { saveFile } from './app-save.ts';
import { backupName } from './chat/folder-backup.ts';
import { readAsItIs } from './history/rescue.ts';

/** Hands the person all that a database holds which this version cannot open, as a file that can be imported. */
export async function rescue(name: string): Promise<void> {
	const pieces: string[] = [];
	for await (const piece of readAsItIs(name)) pieces.push(piece);
	saveFile(backupName(Date.now()), new Blob(pieces, { type: 'application/json' }));
}
