// Svelte keeps all that continues a page which a server has drawn behind this one flag, so that it can be
// left out. No server draws this app's pages.
export const hydrating = false;
export const hydrate_node = undefined;
const nothing = () => undefined;
export {
	nothing as set_hydrating,
	nothing as set_hydrate_node,
	nothing as hydrate_next,
	nothing as reset,
	nothing as hydrate_template,
	nothing as next,
	nothing as skip_nodes,
	nothing as read_hydration_instruction
};
