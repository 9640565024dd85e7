// In development Kit checks what the files of a route export.
const nothing = () => undefined;
export {
	nothing as validate_layout_exports,
	nothing as validate_page_exports,
	nothing as validate_layout_server_exports,
	nothing as validate_page_server_exports,
	nothing as validate_server_exports
};
