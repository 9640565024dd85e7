// Paraglide's runtime can find out a language in a dozen ways; the app tells it (src/lib/i18n).
let current = () => 'en';
export const getLocale = () => current();
export const overwriteGetLocale = (tell) => {
	current = tell;
};
export const experimentalStaticLocale = undefined;
