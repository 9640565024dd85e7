/** Everything runs in the page; the host only serves files. */
export const ssr = false;
export const prerender = false;
