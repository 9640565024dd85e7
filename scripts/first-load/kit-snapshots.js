// Kit keeps what a page asks to have restored when one goes back. No page asks.
const nothing = () => undefined;
export const snapshot = () => {
	throw new Error('Not in this build: see scripts/first-load.ts');
};
export {
	nothing as current_registrations,
	nothing as init_snapshots,
	nothing as capture_navigation_snapshot,
	nothing as restore_navigation_snapshot,
	nothing as delete_navigation_snapshot,
	nothing as persist_navigation_snapshots
};
