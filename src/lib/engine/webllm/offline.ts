import { EngineError } from '../errors.ts';

/**
 * Keeps the library off the network. A model's files are put into its caches beforehand, and verified;
 * one that is missing would be fetched by the library silently, whole and unverified. So in its worker
 * nothing is fetched: what is asked for comes out of a cache or is an integrity error with its name.
 */
export function stayOffline(): void {
	globalThis.fetch = async (input) => {
		const url = input instanceof Request ? input.url : new URL(input, globalThis.location.href).href;
		const kept = await caches.match(url);
		if (!kept) throw missing(url);
		return kept;
	};
	const refuse = (request: RequestInfo | URL): Promise<never> =>
		Promise.reject(missing(request instanceof Request ? request.url : String(request)));
	Cache.prototype.add = refuse;
	Cache.prototype.addAll = ([first = 'a file']) => refuse(first);
}

/**
 * Lets the library find a model at any URL: it puts "resolve/main/" behind one without such a part, as
 * on the hub, while the files' keys are their plain URLs.
 */
export function findUnderPlainKeys(modelUrl: string): void {
	if (/.\/resolve\/.+\//.test(modelUrl)) return;
	const added = `${modelUrl}resolve/main/`;
	const plain = (request: RequestInfo | URL): string => {
		const url = request instanceof Request ? request.url : String(request);
		return url.startsWith(added) ? modelUrl + url.slice(added.length) : url;
	};
	const { match } = Cache.prototype;
	Cache.prototype.match = function (request, options) {
		return match.call(this, plain(request), options);
	};
	const refuse = Cache.prototype.add;
	Cache.prototype.add = function (request) {
		return refuse.call(this, plain(request));
	};
}

function missing(url: string): EngineError {
	return new EngineError('integrity', `${url} is missing on this device`);
}
