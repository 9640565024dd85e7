import type { Origins } from './models/app-config.ts';
import { MODEL_HOSTS } from '../policy.ts';

/** Other hosts that the build was told of, so that the policy lets pages reach them; undefined or '' is none. */
export const BUILT_HOSTS = {
	models: import.meta.env['ALCOVE_MODEL_HOST'] as string | undefined,
	sync: import.meta.env['ALCOVE_SYNC_HOST'] as string | undefined
};

/** What the policy lets pages reach. @param base the app's base URL, absolute, ending in "/" */
export function reachable(base: string): Origins {
	const extra = [BUILT_HOSTS.models, BUILT_HOSTS.sync].flatMap((url) => (url ? [new URL(url).origin] : []));
	return { base, allowed: [...MODEL_HOSTS, ...extra] };
}
