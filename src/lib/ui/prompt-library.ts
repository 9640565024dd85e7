import * as m from '#lib/i18n/paraglide/messages.js';

/** Instructions that come with the app, in the language of the page. */
interface LibraryPrompt {
	id: string;
	title: () => string;
	text: () => string;
}

export const LIBRARY: LibraryPrompt[] = [
	{ id: 'general', title: m.prompt_general, text: m.prompt_general_text },
	{ id: 'translator', title: m.prompt_translator, text: m.prompt_translator_text },
	{ id: 'summariser', title: m.prompt_summariser, text: m.prompt_summariser_text },
	{ id: 'proof-reader', title: m.prompt_proofreader, text: m.prompt_proofreader_text },
	{ id: 'tutor', title: m.prompt_tutor, text: m.prompt_tutor_text },
	{ id: 'code', title: m.prompt_code, text: m.prompt_code_text }
];
