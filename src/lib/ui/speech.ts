import type { ReadingAloud, Speech } from './reading.svelte.ts';

/** A reader that has the browser's voice. */
export type AloudReading = ReadingAloud<SpeechSynthesisVoice>;

/** The browser's own voice, or none where the browser has no speech. */
export function browserSpeech(page: Window): Speech<SpeechSynthesisVoice> {
	// not in every browser
	const synthesis = (page as { speechSynthesis?: SpeechSynthesis }).speechSynthesis;
	return {
		voices: () => synthesis?.getVoices() ?? [],
		onVoices: (changed) => synthesis?.addEventListener('voiceschanged', changed, { once: true }),
		say: (sentence, voice) =>
			new Promise((resolve, reject) => {
				const utterance = new SpeechSynthesisUtterance(sentence);
				utterance.voice = voice;
				utterance.lang = voice.lang;
				utterance.onend = () => resolve();
				utterance.onerror = ({ error }) => reject(new Error(error));
				synthesis?.speak(utterance);
			}),
		cancel: () => synthesis?.cancel(),
		pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms))
	};
}
