// Kit wraps fetch for the load functions of pages. No page has one, so fetch stays the browser's own.
const unused = () => {
	throw new Error('No page has a load function');
};
export {
	unused as lock_fetch,
	unused as unlock_fetch,
	unused as initial_fetch,
	unused as subsequent_fetch,
	unused as dev_fetch
};
