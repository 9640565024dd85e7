/** Makes the browser one that has no JSPI, as Safari; imported before anything that looks for it. */
Reflect.deleteProperty(WebAssembly, 'Suspending');
