import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createLogger, RotatingFile } from '../../../src/server/logger.ts';

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function collect(least: 'debug' | 'info' | 'warn' | 'error' = 'debug') {
	const lines: string[] = [];
	const sink = { write: (line: string) => lines.push(line), close: () => undefined };
	return { lines, logger: createLogger(sink, least, () => 0) };
}

test('a line is one JSON object with its time, level and event', () => {
	const { lines, logger } = collect();
	logger.info('listening', { port: 80 });
	expect(lines).toEqual([
		'{"time":"1970-01-01T00:00:00.000Z","level":"info","event":"listening","port":80}\n'
	]);
});

test('lines below the level are not written', () => {
	const { lines, logger } = collect('warn');
	for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level](level);
	expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'error']);
});

test('an error is logged by its kind and place, without its message', () => {
	const { lines, logger } = collect();
	logger.error('failed', { error: new TypeError('canary in\nmany canary lines') });
	expect(lines[0]).not.toContain('canary');
	expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: 'TypeError' });
	expect(lines[0]).toContain('logger.test.ts');
});

test('an error is logged with what a database said of its cause, without what it was asked', () => {
	const { lines, logger } = collect();
	const cause = Object.assign(new Error('canary'), { code: 'ERR_SQLITE_ERROR', errstr: 'disk I/O error' });
	logger.error('not stored', { error: new Error('unavailable', { cause }) });
	expect(JSON.parse(lines[0] ?? '')).toMatchObject({
		errorCode: 'ERR_SQLITE_ERROR',
		reason: 'disk I/O error'
	});
	expect(lines[0]).not.toContain('canary');
});

test('what is no word is left out, so that no line can be forged', () => {
	const { lines, logger } = collect();
	logger.info('request', { method: 'GET\n{"level":"error"}', code: 'x'.repeat(200) });
	expect(JSON.parse(lines[0] ?? '')).toMatchObject({ method: '(not a word)', code: '(not a word)' });
});

test('a file starts anew at its size and keeps so many old ones, none cut', () => {
	const folder = mkdtempSync(join(tmpdir(), 'alcove-logger-'));
	folders.push(folder);
	const path = join(folder, 'server.log');
	let file = new RotatingFile(path, 30, 2);
	for (let index = 0; index < 9; index++) {
		file.write(`line number ${index}\n`);
		if (index === 4) {
			file.close();
			file = new RotatingFile(path, 30, 2);
		}
	}
	file.close();
	expect(readdirSync(folder).sort()).toEqual(['server.log', 'server.log.1', 'server.log.2']);
	const kept = ['server.log.2', 'server.log.1', 'server.log'].map((name) =>
		readFileSync(join(folder, name), 'utf8')
	);
	expect(kept.join('')).toBe('line number 4\nline number 5\nline number 6\nline number 7\nline number 8\n');
});
