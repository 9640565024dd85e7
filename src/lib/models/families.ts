/** The models of the catalogue: whose they are, what they speak, and in which builds they come. */
import type { Licence } from './catalogue.ts';
import type { Quantization, Shape } from './shape.ts';

/** A build for WebLLM, as its own list has it; a test holds both against each other. */
export interface FamilyGpuBuild {
	quantization: Quantization;
	/** MiB of GPU memory at 4,096 tokens. */
	vram: number;
}

/** A model of the catalogue. */
export interface FamilyModel {
	id: string;
	name: string;
	family: string;
	shape: Shape;
	licence: Licence;
	languages: string[];
	/** The maker's repository on the hub. */
	repository: string;
	/** It writes down its thinking before it answers. */
	thinks?: true;
	gpu: {
		/** How MLC names the weights and, where it differs, the compiled library. */
		name: string;
		library?: string;
		/** Bytes of the tokenizer. */
		tokenizer: number;
		builds: FamilyGpuBuild[];
	};
	/** The one file for llama.cpp, by its path on the hub. Without a sum its size is an estimate. */
	cpu?: { file: string; quantization: string; bytes: number; sha256?: string };
}

const HUB = 'https://huggingface.co/';
const apache = (repository: string): Licence => ({
	name: 'Apache-2.0',
	url: `${HUB}${repository}/blob/main/LICENSE`
});
const LLAMA: Licence = {
	name: 'Llama 3.2 Community License',
	url: 'https://www.llama.com/llama3_2/license/'
};
const GEMMA: Licence = { name: 'Gemma Terms of Use', url: 'https://ai.google.dev/gemma/terms' };

const QWEN_LANGUAGES = ['en', 'zh', 'fr', 'es', 'pt', 'de', 'it', 'ru', 'ja', 'ko', 'vi', 'th', 'ar'];
const LLAMA_LANGUAGES = ['en', 'de', 'fr', 'it', 'pt', 'hi', 'es', 'th'];

/** What the shapes of one maker's models share. */
const qwen2 = { vocabulary: 151_936, norms: 2, attention: 'biased' } as const;
const qwen3 = { vocabulary: 151_936, norms: 2, attention: 'normed', kvHeads: 8, headWidth: 128 } as const;
const llama = { vocabulary: 128_256, norms: 2, attention: 'plain', kvHeads: 8 } as const;
const smol = { vocabulary: 49_152, norms: 2, attention: 'plain', headWidth: 64 } as const;

const QWEN_TOKENIZER = 7_030_000;
const LLAMA_TOKENIZER = 9_090_000;
const SMOL_TOKENIZER = 2_100_000;

const QWEN2: FamilyModel[] = [
	{
		id: 'qwen2-0.5b-instruct',
		name: 'Qwen2 0.5B Instruct',
		family: 'Qwen2',
		shape: { ...qwen2, layers: 24, hidden: 896, inner: 4864, heads: 14, kvHeads: 2, headWidth: 64 },
		licence: apache('Qwen/Qwen2-0.5B-Instruct'),
		languages: ['en', 'zh'],
		repository: 'Qwen/Qwen2-0.5B-Instruct',
		gpu: {
			name: 'Qwen2-0.5B-Instruct',
			tokenizer: QWEN_TOKENIZER,
			builds: [{ quantization: 'q4f16_1', vram: 944.62 }]
		},
		cpu: {
			file: 'Qwen/Qwen2-0.5B-Instruct-GGUF/resolve/main/qwen2-0_5b-instruct-q4_k_m.gguf',
			quantization: 'q4_k_m',
			bytes: 397_900_000
		}
	},
	{
		id: 'qwen2.5-0.5b-instruct',
		name: 'Qwen2.5 0.5B Instruct',
		family: 'Qwen2.5',
		shape: { ...qwen2, layers: 24, hidden: 896, inner: 4864, heads: 14, kvHeads: 2, headWidth: 64 },
		licence: apache('Qwen/Qwen2.5-0.5B-Instruct'),
		languages: QWEN_LANGUAGES,
		repository: 'Qwen/Qwen2.5-0.5B-Instruct',
		gpu: {
			name: 'Qwen2.5-0.5B-Instruct',
			library: 'Qwen2-0.5B-Instruct',
			tokenizer: QWEN_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 944.62 },
				{ quantization: 'q4f32_1', vram: 1060.2 }
			]
		},
		cpu: {
			file: 'Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/main/qwen2.5-0.5b-instruct-q4_k_m.gguf',
			quantization: 'q4_k_m',
			bytes: 491_400_032,
			sha256: '74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db'
		}
	},
	{
		id: 'qwen2.5-1.5b-instruct',
		name: 'Qwen2.5 1.5B Instruct',
		family: 'Qwen2.5',
		shape: { ...qwen2, layers: 28, hidden: 1536, inner: 8960, heads: 12, kvHeads: 2, headWidth: 128 },
		licence: apache('Qwen/Qwen2.5-1.5B-Instruct'),
		languages: QWEN_LANGUAGES,
		repository: 'Qwen/Qwen2.5-1.5B-Instruct',
		gpu: {
			name: 'Qwen2.5-1.5B-Instruct',
			library: 'Qwen2-1.5B-Instruct',
			tokenizer: QWEN_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 1629.75 },
				{ quantization: 'q4f32_1', vram: 1888.97 }
			]
		},
		cpu: {
			file: 'Qwen/Qwen2.5-1.5B-Instruct-GGUF/resolve/main/qwen2.5-1.5b-instruct-q4_k_m.gguf',
			quantization: 'q4_k_m',
			bytes: 1_117_320_736,
			sha256: '6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e'
		}
	},
	{
		id: 'qwen2.5-3b-instruct',
		name: 'Qwen2.5 3B Instruct',
		family: 'Qwen2.5',
		shape: { ...qwen2, layers: 36, hidden: 2048, inner: 11_008, heads: 16, kvHeads: 2, headWidth: 128 },
		licence: {
			name: 'Qwen Research License (not for commercial use)',
			url: `${HUB}Qwen/Qwen2.5-3B-Instruct/blob/main/LICENSE`
		},
		languages: QWEN_LANGUAGES,
		repository: 'Qwen/Qwen2.5-3B-Instruct',
		gpu: {
			name: 'Qwen2.5-3B-Instruct',
			tokenizer: QWEN_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 2504.76 },
				{ quantization: 'q4f32_1', vram: 2893.64 }
			]
		},
		cpu: {
			file: 'Qwen/Qwen2.5-3B-Instruct-GGUF/resolve/main/qwen2.5-3b-instruct-q4_k_m.gguf',
			quantization: 'q4_k_m',
			bytes: 2_104_932_768,
			sha256: '626b4a6678b86442240e33df819e00132d3ba7dddfe1cdc4fbb18e0a9615c62d'
		}
	}
];

const QWEN3: FamilyModel[] = [
	{
		id: 'qwen3-0.6b',
		name: 'Qwen3 0.6B',
		family: 'Qwen3',
		shape: { ...qwen3, layers: 28, hidden: 1024, inner: 3072, heads: 16 },
		licence: apache('Qwen/Qwen3-0.6B'),
		languages: QWEN_LANGUAGES,
		repository: 'Qwen/Qwen3-0.6B',
		thinks: true,
		gpu: {
			name: 'Qwen3-0.6B',
			tokenizer: QWEN_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 1403.34 },
				{ quantization: 'q4f32_1', vram: 1924.98 }
			]
		},
		cpu: {
			file: 'Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf',
			quantization: 'q8_0',
			bytes: 639_446_688,
			sha256: '9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031'
		}
	},
	{
		id: 'qwen3-1.7b',
		name: 'Qwen3 1.7B',
		family: 'Qwen3',
		shape: { ...qwen3, layers: 28, hidden: 2048, inner: 6144, heads: 16 },
		licence: apache('Qwen/Qwen3-1.7B'),
		languages: QWEN_LANGUAGES,
		repository: 'Qwen/Qwen3-1.7B',
		thinks: true,
		gpu: {
			name: 'Qwen3-1.7B',
			tokenizer: QWEN_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 2036.66 },
				{ quantization: 'q4f32_1', vram: 2635.44 }
			]
		},
		cpu: {
			file: 'ggml-org/Qwen3-1.7B-GGUF/resolve/main/Qwen3-1.7B-Q4_K_M.gguf',
			quantization: 'q4_k_m',
			bytes: 1_282_439_264,
			sha256: 'd2387ca2dbfee2ffabce7120d3770dadca0b293052bc2f0e138fdc940d9bc7b5'
		}
	},
	{
		id: 'qwen3-4b',
		name: 'Qwen3 4B',
		family: 'Qwen3',
		shape: { ...qwen3, layers: 36, hidden: 2560, inner: 9728, heads: 32 },
		licence: apache('Qwen/Qwen3-4B'),
		languages: QWEN_LANGUAGES,
		repository: 'Qwen/Qwen3-4B',
		thinks: true,
		gpu: {
			name: 'Qwen3-4B',
			tokenizer: QWEN_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 3431.59 },
				{ quantization: 'q4f32_1', vram: 4327.71 }
			]
		}
	}
];

const LLAMA32: FamilyModel[] = [
	{
		id: 'llama-3.2-1b-instruct',
		name: 'Llama 3.2 1B Instruct',
		family: 'Llama 3.2',
		shape: { ...llama, layers: 16, hidden: 2048, inner: 8192, heads: 32, headWidth: 64 },
		licence: LLAMA,
		languages: LLAMA_LANGUAGES,
		repository: 'meta-llama/Llama-3.2-1B-Instruct',
		gpu: {
			name: 'Llama-3.2-1B-Instruct',
			tokenizer: LLAMA_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 879.04 },
				{ quantization: 'q4f32_1', vram: 1128.82 }
			]
		},
		cpu: {
			file: 'bartowski/Llama-3.2-1B-Instruct-GGUF/resolve/main/Llama-3.2-1B-Instruct-Q4_K_M.gguf',
			quantization: 'q4_k_m',
			bytes: 807_694_464,
			sha256: '6f85a640a97cf2bf5b8e764087b1e83da0fdb51d7c9fab7d0fece9385611df83'
		}
	},
	{
		id: 'llama-3.2-3b-instruct',
		name: 'Llama 3.2 3B Instruct',
		family: 'Llama 3.2',
		shape: { ...llama, layers: 28, hidden: 3072, inner: 8192, heads: 24, headWidth: 128 },
		licence: LLAMA,
		languages: LLAMA_LANGUAGES,
		repository: 'meta-llama/Llama-3.2-3B-Instruct',
		gpu: {
			name: 'Llama-3.2-3B-Instruct',
			tokenizer: LLAMA_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 2263.69 },
				{ quantization: 'q4f32_1', vram: 2951.51 }
			]
		},
		cpu: {
			file: 'bartowski/Llama-3.2-3B-Instruct-GGUF/resolve/main/Llama-3.2-3B-Instruct-Q4_K_M.gguf',
			quantization: 'q4_k_m',
			bytes: 2_019_377_696,
			sha256: '6c1a2b41161032677be168d354123594c0e6e67d2b9227c84f296ad037c728ff'
		}
	}
];

const SMOLLM2: FamilyModel[] = [
	{
		id: 'smollm2-135m-instruct',
		name: 'SmolLM2 135M Instruct',
		family: 'SmolLM2',
		shape: { ...smol, layers: 30, hidden: 576, inner: 1536, heads: 9, kvHeads: 3 },
		licence: apache('HuggingFaceTB/SmolLM2-135M-Instruct'),
		languages: ['en'],
		repository: 'HuggingFaceTB/SmolLM2-135M-Instruct',
		gpu: {
			name: 'SmolLM2-135M-Instruct',
			tokenizer: SMOL_TOKENIZER,
			builds: [
				{ quantization: 'q0f16', vram: 359.69 },
				{ quantization: 'q0f32', vram: 719.38 }
			]
		},
		cpu: {
			file: 'bartowski/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct-Q4_K_M.gguf',
			quantization: 'q4_k_m',
			bytes: 105_454_432,
			sha256: '2e8040ceae7815abe0dcb3540b9995eaa1fa0d2ca9e797d0a635ae4433c68c2d'
		}
	},
	{
		id: 'smollm2-360m-instruct',
		name: 'SmolLM2 360M Instruct',
		family: 'SmolLM2',
		shape: { ...smol, layers: 32, hidden: 960, inner: 2560, heads: 15, kvHeads: 5 },
		licence: apache('HuggingFaceTB/SmolLM2-360M-Instruct'),
		languages: ['en'],
		repository: 'HuggingFaceTB/SmolLM2-360M-Instruct',
		gpu: {
			name: 'SmolLM2-360M-Instruct',
			tokenizer: SMOL_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 376.06 },
				{ quantization: 'q4f32_1', vram: 579.61 }
			]
		},
		cpu: {
			file: 'HuggingFaceTB/SmolLM2-360M-Instruct-GGUF/resolve/main/smollm2-360m-instruct-q8_0.gguf',
			quantization: 'q8_0',
			bytes: 386_404_992,
			sha256: '48ab3034d0dd401fbc721eb1df3217902fee7dab9078992d66431f09b7750201'
		}
	},
	{
		id: 'smollm2-1.7b-instruct',
		name: 'SmolLM2 1.7B Instruct',
		family: 'SmolLM2',
		shape: { ...smol, layers: 24, hidden: 2048, inner: 8192, heads: 32, kvHeads: 32 },
		licence: apache('HuggingFaceTB/SmolLM2-1.7B-Instruct'),
		languages: ['en'],
		repository: 'HuggingFaceTB/SmolLM2-1.7B-Instruct',
		gpu: {
			name: 'SmolLM2-1.7B-Instruct',
			tokenizer: SMOL_TOKENIZER,
			builds: [
				{ quantization: 'q4f16_1', vram: 1774.19 },
				{ quantization: 'q4f32_1', vram: 2692.38 }
			]
		},
		cpu: {
			file: 'bartowski/SmolLM2-1.7B-Instruct-GGUF/resolve/main/SmolLM2-1.7B-Instruct-Q4_K_M.gguf',
			quantization: 'q4_k_m',
			bytes: 1_055_609_824,
			sha256: '77665ea4815999596525c636fbeb56ba8b080b46ae85efef4f0d986a139834d7'
		}
	}
];

const GEMMAS: FamilyModel[] = [
	{
		id: 'gemma-3-1b-it',
		name: 'Gemma 3 1B',
		family: 'Gemma',
		shape: {
			layers: 26,
			hidden: 1152,
			inner: 6912,
			heads: 4,
			kvHeads: 1,
			headWidth: 256,
			vocabulary: 262_144,
			norms: 4,
			attention: 'normed'
		},
		licence: GEMMA,
		languages: ['en'],
		repository: 'google/gemma-3-1b-it',
		gpu: {
			name: 'gemma3-1b-it',
			tokenizer: 33_400_000,
			builds: [{ quantization: 'q4f16_1', vram: 711.07 }]
		},
		cpu: {
			file: 'ggml-org/gemma-3-1b-it-GGUF/resolve/main/gemma-3-1b-it-Q4_K_M.gguf',
			quantization: 'q4_k_m',
			bytes: 806_058_240,
			sha256: '8ccc5cd1f1b3602548715ae25a66ed73fd5dc68a210412eea643eb20eb75a135'
		}
	},
	{
		id: 'gemma-2-2b-it',
		name: 'Gemma 2 2B',
		family: 'Gemma',
		shape: {
			layers: 26,
			hidden: 2304,
			inner: 9216,
			heads: 8,
			kvHeads: 4,
			headWidth: 256,
			vocabulary: 256_000,
			norms: 4,
			attention: 'plain'
		},
		licence: GEMMA,
		languages: ['en'],
		repository: 'google/gemma-2-2b-it',
		gpu: {
			name: 'gemma-2-2b-it',
			tokenizer: 17_500_000,
			builds: [
				{ quantization: 'q4f16_1', vram: 1895.3 },
				{ quantization: 'q4f32_1', vram: 2508.75 }
			]
		},
		cpu: {
			file: 'bartowski/gemma-2-2b-it-GGUF/resolve/main/gemma-2-2b-it-Q4_K_M.gguf',
			quantization: 'q4_k_m',
			bytes: 1_708_582_752,
			sha256: 'e0aee85060f168f0f2d8473d7ea41ce2f3230c1bc1374847505ea599288a7787'
		}
	}
];

/** All of them, families together, the small first. */
export const FAMILIES: readonly FamilyModel[] = [...QWEN2, ...QWEN3, ...LLAMA32, ...SMOLLM2, ...GEMMAS];
