import type { Connect, Plugin } from 'vite';
import { writeSelfTestGguf } from './gguf.ts';

const FILE = 'self-test.gguf';

/** Answers `<base>self-test.gguf` while developing. */
function serve(base: string): Connect.NextHandleFunction {
	const path = `${base.replace(/\/$/, '')}/${FILE}`;
	return (request, response, next) => {
		if (new URL(request.url ?? '/', 'http://localhost').pathname !== path) {
			next();
			return;
		}
		const bytes = writeSelfTestGguf();
		response.setHeader('Content-Type', 'application/octet-stream');
		response.setHeader('Content-Length', bytes.length);
		response.setHeader('Cache-Control', 'no-store');
		response.end(request.method === 'HEAD' ? undefined : bytes);
	};
}

/** Puts the self-test model at the root of the client's files: made at each build, never committed. */
export function selfTestModel(): Plugin {
	return {
		name: 'alcove:self-test-model',
		configureServer(server) {
			server.middlewares.use(serve(server.config.base));
		},
		generateBundle: {
			handler() {
				if (this.environment.name !== 'client') return;
				this.emitFile({ type: 'asset', fileName: FILE, source: writeSelfTestGguf() });
			}
		}
	};
}
