/** A worker that can fetch nothing, as one that starts while the app is offline and not yet kept. */
globalThis.fetch = () => Promise.reject(new TypeError('Failed to fetch'));
