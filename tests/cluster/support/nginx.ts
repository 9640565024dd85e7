import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { freePort, program } from './programs.ts';

const SHIPPED = new URL('../../../deploy/nginx.conf', import.meta.url);

/** Files as a build has them, by their paths. */
export const FILES: Record<string, string> = {
	'index.html': '<!doctype html><title>Alcove</title>',
	'app/immutable/entry.hash.js': 'export {};\n'.repeat(100),
	'app/immutable/workers/engine.hash.js': 'self.onmessage = null;',
	'service-worker.js': 'self.oninstall = null;',
	'manifest.webmanifest': '{}',
	'engine.wasm': '\0asm'
};

/** Debian's nginx with the shipped configuration, of which only the lines marked <<< are changed. */
export class Nginx {
	readonly folder = mkdtempSync(join(tmpdir(), 'alcove-nginx-'));
	plain = 0;
	secure = 0;
	certificate = '';
	#child: ChildProcess | null = null;
	#said = '';

	/** @param sync ports of the sync server's processes */
	async start(sync: readonly number[]): Promise<void> {
		[this.plain, this.secure] = [await freePort(), await freePort()];
		chmodSync(this.folder, 0o755);
		this.#writeBuild();
		this.#makeCertificate();
		const site = readFileSync(SHIPPED, 'utf8')
			.replace('server 127.0.0.1:4180; # <<<', sync.map((port) => `server 127.0.0.1:${port};`).join(' '))
			.replaceAll('server_name chat.example; # <<<', 'server_name chat.example;')
			.replace('listen 80;', `listen 127.0.0.1:${this.plain};`)
			.replace('listen 443 ssl', `listen 127.0.0.1:${this.secure} ssl`)
			.replace('/etc/ssl/alcove/fullchain.pem; # <<<', `${this.folder}/cert.pem;`)
			.replace('/etc/ssl/alcove/privkey.pem;   # <<<', `${this.folder}/key.pem;`)
			.replace('/srv/alcove/build; # <<<', `${this.folder}/build;`);
		if (/; +# <<</.test(site)) throw new Error('a line marked <<< was not changed');
		writeFileSync(join(this.folder, 'site.conf'), site);
		const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
			(name) => `${name}_temp_path ${this.folder}/${name};`
		);
		const main = [
			...(process.getuid?.() === 0 ? ['user root;'] : []),
			`daemon off; worker_processes 1; pid ${this.folder}/pid; error_log stderr warn;`,
			`events {} http { access_log off; ${temporary.join(' ')} include ${this.folder}/site.conf; }`
		];
		const file = join(this.folder, 'nginx.conf');
		writeFileSync(file, main.join('\n'));
		const args = ['-p', this.folder, '-c', file, '-e', 'stderr'];
		const checked = spawnSync(program('nginx'), ['-t', ...args], { encoding: 'utf8' });
		if (checked.status !== 0 || checked.stderr.includes('[warn]')) throw new Error(checked.stderr);
		const child = spawn(program('nginx'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
		child.stderr.on('data', (data) => (this.#said += String(data)));
		this.#child = child;
		while (!(await answers(this.secure))) {
			if (child.exitCode !== null) throw new Error(`nginx ended: ${this.#said}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}

	async remove(): Promise<void> {
		const child = this.#child;
		if (child && child.exitCode === null) {
			const exited = new Promise((resolve) => child.once('exit', resolve));
			child.kill('SIGTERM');
			await exited;
		}
		rmSync(this.folder, { recursive: true, force: true });
	}

	#writeBuild(): void {
		for (const [path, text] of Object.entries(FILES)) {
			const file = join(this.folder, 'build', path);
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, text);
			if (path.endsWith('.js')) writeFileSync(`${file}.gz`, gzipSync(text));
		}
	}

	#makeCertificate(): void {
		const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
		const files = ['-keyout', `${this.folder}/key.pem`, '-out', `${this.folder}/cert.pem`];
		const name = ['-days', '2', '-subj', '/CN=chat.example', '-addext', 'subjectAltName=DNS:chat.example'];
		const made = spawnSync(program('openssl'), [...args, ...files, ...name], { encoding: 'utf8' });
		if (made.status !== 0) throw new Error(`openssl failed: ${made.stderr}`);
		this.certificate = readFileSync(`${this.folder}/cert.pem`, 'utf8');
	}
}

function answers(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => {
			socket.destroy();
			resolve(true);
		});
		socket.on('error', () => resolve(false));
	});
}
