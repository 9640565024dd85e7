import * as m from '#lib/i18n/paraglide/messages.js';

/** The names of how the page can look. */
export const themeNames = {
	auto: m.settings_theme_auto,
	light: m.settings_theme_light,
	dark: m.settings_theme_dark
};

export const sizeNames = {
	normal: m.settings_text_normal,
	large: m.settings_text_large,
	larger: m.settings_text_larger
};
