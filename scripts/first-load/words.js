import { getLocale } from './paraglide/runtime.js';

// The words of the language that is shown, where it is not the one that every message carries.
let words = [];
export const message = (place, english) => (inputs) =>
	((getLocale() !== 'en' && words[place]) || english)(inputs);
export const fetchWords = async (language) => {
	if (language !== 'en') words = (await import('alcove:zh-Hans')).default;
};
