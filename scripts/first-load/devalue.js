// Kit's client keeps the state of history entries with devalue, and reads with it what a server loads.
// Here that state is plain data and there is no such server.
export const stringify = (value) => JSON.stringify(value);
export const parse = (text) => JSON.parse(text);
export const unflatten = () => {
	throw new Error('No server loads data');
};
export const uneval = unflatten;
export const stringifyAsync = unflatten;
