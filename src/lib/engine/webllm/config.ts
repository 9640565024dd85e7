import { EngineError, wordsOf } from '../errors.ts';
import { fieldsOf, parseTemplate, textOf, type ChatTemplate } from './template.ts';

/** What is needed of a model's mlc-chat-config.json before the library reads it. */
export interface ChatConfig {
	/** Whether its kernels compute with 16-bit floats. */
	needsF16: boolean;
	template: ChatTemplate;
}

/**
 * Reads the config from the library's cache.
 * @throws EngineError integrity, when it is missing or not what it should be
 */
export async function readConfig(modelUrl: string): Promise<ChatConfig> {
	const url = new URL('mlc-chat-config.json', modelUrl).href;
	const cache = await caches.open('webllm/config');
	const kept = await cache.match(url);
	if (!kept) throw new EngineError('integrity', `${url} is missing on this device`);
	try {
		const fields = fieldsOf(await kept.json(), 'the config');
		return {
			needsF16: textOf(fields, 'quantization').includes('f16'),
			template: parseTemplate(fields['conv_template'])
		};
	} catch (error) {
		throw new EngineError('integrity', `${url}: ${wordsOf(error)}`, { cause: error });
	}
}
