import type { ShellRequest } from './messages.ts';

/** Asks the service worker something and waits for what it answers. */
export function ask(worker: ServiceWorker, request: ShellRequest): Promise<unknown> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = ({ data }) => resolve(data);
		worker.postMessage(request, [port2]);
	});
}
