/**
 * How what another app shares comes to the page: as a form sent to SHARE_PATH, which the service worker keeps in
 * a cache of its own and names to the page that it opens instead.
 */

/** Below the base, as in the manifest. */
export const SHARE_PATH = 'share';

/** The names of the form's fields; the same three may stand in the page's query. */
export const SHARE_FIELDS = { title: 'title', text: 'text', url: 'url', files: 'files' } as const;

export const SHARE_CACHE = 'alcove-shared';

/** The part of the page's query that names what was kept, or says LOST. */
export const SHARED = 'shared';
export const LOST = 'lost';

/** How long something waits for a page to take it, in milliseconds. */
export const SHARE_KEPT = 24 * 60 * 60 * 1000;
