import { EngineError } from '../errors.ts';

/** The loaded model's own tokenizer. */
export interface Tokenizer {
	encode(text: string): ArrayLike<number>;
}

function field(value: unknown, key: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/**
 * The tokenizer that the library made for a model. It offers none to its callers, so this looks where
 * both versions we run keep it, and says so when a later one keeps it elsewhere. A second tokenizer of
 * our own would take tens of megabytes once more.
 * @throws EngineError unknown
 */
export function tokenizerOf(engine: object, model: string): Tokenizer {
	const pipelines = field(engine, 'loadedModelIdToPipeline');
	const pipeline: unknown = pipelines instanceof Map ? pipelines.get(model) : undefined;
	const tokenizer = field(pipeline, 'tokenizer');
	if (typeof field(tokenizer, 'encode') !== 'function')
		throw new EngineError('unknown', 'this version of WebLLM keeps its tokenizer elsewhere');
	return tokenizer as Tokenizer;
}
