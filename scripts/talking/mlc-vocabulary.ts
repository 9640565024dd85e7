/** Tokenizer and chat settings of the talking MLC model: Qwen2's shape, a vocabulary of its own. */

import { byteAlphabet, linksOf, NEWLINE_TOKEN, wordTokens, type Link } from './chain.ts';
import type { LibraryMetadata } from './library.ts';

/** Where Qwen2 has ChatML's three signs; engines know their ids from the settings. */
const SPECIAL = { '<|endoftext|>': 151643, '<|im_start|>': 151644, '<|im_end|>': 151645 } as const;

/** Rows of the embedding in Qwen2-0.5B. */
export const VOCABULARY_SIZE = 151936;

export interface MlcVocabulary {
	links: Link[];
	/** Ids of the tokens that have a vector of their own. */
	ids: number[];
	/** tokenizer.json, as the Hugging Face tokenizers read it. */
	tokenizer: unknown;
}

function addedToken(content: string, id: number, special: boolean): unknown {
	return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

/**
 * Words are added tokens, so that each is found as a whole in a prompt without any merges. So are
 * `phrases`: in software WebGPU a prompt costs about a second a token, and each phrase is but one.
 * @throws RecurringWordError when a word occurs twice
 */
export function mlcVocabulary(words: readonly string[], phrases: readonly string[]): MlcVocabulary {
	const tokens = byteAlphabet();
	const added: unknown[] = [];
	const add = (text: string): number => {
		const known = tokens.indexOf(text);
		if (known >= 0) return known;
		added.push(addedToken(text, tokens.length, false));
		return tokens.push(text) - 1;
	};
	const spoken = wordTokens(words).map(add);
	for (const phrase of phrases) add(phrase);
	for (const [text, id] of Object.entries(SPECIAL)) added.push(addedToken(text, id, true));
	const vocabulary = { ...Object.fromEntries(tokens.map((text, id) => [text, id])), ...SPECIAL };
	return {
		links: linksOf([NEWLINE_TOKEN, ...spoken, SPECIAL['<|im_end|>']]),
		ids: [...tokens.keys(), ...Object.values(SPECIAL)],
		tokenizer: tokenizerOf(vocabulary, added)
	};
}

function tokenizerOf(vocab: Record<string, number>, addedTokens: unknown[]): unknown {
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: addedTokens,
		normalizer: null,
		pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
		post_processor: null,
		decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: false,
			byte_fallback: false,
			vocab,
			merges: []
		}
	};
}

/** mlc-chat-config.json: what WebLLM needs to know beside the weights. */
export function mlcChatConfig(library: LibraryMetadata): unknown {
	const sizes = {
		vocab_size: VOCABULARY_SIZE,
		context_window_size: library.contextWindow,
		prefill_chunk_size: library.prefillChunk
	};
	return {
		version: '0.1.0',
		model_type: library.modelType,
		quantization: library.quantization,
		model_config: sizes,
		...sizes,
		sliding_window_size: -1,
		attention_sink_size: -1,
		tensor_parallel_shards: 1,
		temperature: 0.7,
		top_p: 0.8,
		presence_penalty: 0,
		frequency_penalty: 0,
		repetition_penalty: 1,
		tokenizer_files: ['tokenizer.json'],
		tokenizer_info: {
			token_postproc_method: 'byte_level',
			prepend_space_in_encode: false,
			strip_space_in_decode: false
		},
		conv_template: chatMl(),
		pad_token_id: SPECIAL['<|endoftext|>'],
		bos_token_id: SPECIAL['<|endoftext|>'],
		eos_token_id: [SPECIAL['<|im_end|>'], SPECIAL['<|endoftext|>']]
	};
}

function chatMl(): unknown {
	return {
		name: 'chatml',
		system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
		system_message: 'You are a helpful assistant.',
		system_prefix_token_ids: null,
		add_role_after_system_message: true,
		roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant' },
		role_templates: {
			user: '{user_message}',
			assistant: '{assistant_message}',
			tool: '{tool_message}'
		},
		messages: [],
		seps: ['<|im_end|>\n'],
		role_content_sep: '\n',
		role_empty_sep: '\n',
		stop_str: ['<|endoftext|>', '<|im_end|>'],
		stop_token_ids: [SPECIAL['<|endoftext|>'], SPECIAL['<|im_end|>']],
		function_string: '',
		use_function_calling: false
	};
}
