/** Which models there are, in which builds, and where each build's files come from. */

export type EngineName = 'webllm' | 'wllama';

/** What a build asks of a device beyond room on its disk. */
export interface Needs {
	/** The GPU feature "shader-f16". */
	f16?: boolean;
	/** Least size of one GPU buffer, in bytes: that of the build's largest tensor. */
	maxBufferSize?: number;
}

interface BuildBase {
	/** Unique in the catalogue. */
	id: string;
	quantization: string;
	needs: Needs;
	/** The whole download, in bytes. */
	bytes: number;
	/** Set where `bytes` is a careful estimate: the real size is known once the download begins. */
	approximate?: true;
	/** Memory that the loaded model takes with its full context, in bytes; GPU memory for WebLLM. */
	memory: number;
	/** Least milliseconds between tokens: the self-test speaks at a pace that a person can watch. */
	pace?: number;
}

/** A folder in MLC's format and the library compiled for its architecture. */
export interface WebllmBuild extends BuildBase {
	engine: 'webllm';
	/** Folder of config, tokenizer and weights, ending in "/"; the key of its files in the Cache API. */
	url: string;
	/** The compiled library; its own key in the Cache API. */
	library: string;
	/** Files whose content is pinned, by their keys; the manifest's own sums hold for the rest. */
	pins?: Readonly<Record<string, Pin>>;
}

/** What a file must be, to the byte. */
export interface Pin {
	bytes: number;
	/** In hexadecimal, lower case. */
	sha256: string;
}

/** One file for llama.cpp. */
export interface WllamaBuild extends BuildBase {
	engine: 'wllama';
	url: string;
	/** SHA-256 of the file in hexadecimal, where it is pinned; `bytes` is exact then. */
	sha256?: string;
}

export type Build = WebllmBuild | WllamaBuild;

export interface Licence {
	name: string;
	url: string;
}

export interface Model {
	id: string;
	name: string;
	/** Absent where the owner of an own model named none. */
	licence?: Licence;
	/** BCP 47 tags of the languages it was trained for most. */
	languages: string[];
	/** Where it comes from, for people. */
	page?: string;
	/** Tokens that prompt and answer share. */
	contextWindow: number;
	/** At least one. */
	builds: Build[];
}

/** Where WebLLM 0.2.86 keeps its compiled libraries; a test holds it against the installed package. */
const LIBRARIES =
	'https://raw.githubusercontent.com/mlc-ai/binary-mlc-llm-libs/main/web-llm-models/v0_2_86/base/';

const HUB = 'https://huggingface.co/';
const APACHE = 'Apache-2.0';
const MEBIBYTE = 1024 ** 2;

/** The largest tensor of the architecture is the packed embedding: 151,936 rows × 896 × 4 bits. */
const EMBEDDING = (151_936 * 896) / 2;

/**
 * Bytes of the parameters, computed from the shapes that the compiled libraries carry:
 * exact for every model of the architecture in that quantization.
 */
const PARAMETERS = { q4f16_1: 277_996_288, q4f32_1: 309_011_968 };

/** Tokenizer (7.0 MB), compiled library (about 5 MB), config and manifest. */
const WEBLLM_EXTRAS = 12_200_000;

/** What WebLLM's own list says these builds need in GPU memory, in MB, at 4,096 tokens. */
const VRAM = { q4f16_1: 944.62, q4f32_1: 1060.2 };

/** Keys, values and working memory of llama.cpp for this architecture at 4,096 tokens. */
const LLAMA_WORKING_MEMORY = 350 * MEBIBYTE;

function webllmBuild(name: string, quantization: keyof typeof PARAMETERS): WebllmBuild {
	return {
		id: `${name}-${quantization}`,
		engine: 'webllm',
		quantization,
		needs: { ...(quantization === 'q4f16_1' ? { f16: true } : {}), maxBufferSize: EMBEDDING },
		bytes: PARAMETERS[quantization] + WEBLLM_EXTRAS,
		approximate: true,
		memory: Math.round(VRAM[quantization] * MEBIBYTE),
		url: `${HUB}mlc-ai/${name}-${quantization}-MLC/resolve/main/`,
		library: `${LIBRARIES}Qwen2-0.5B-Instruct-${quantization}_cs1k-webgpu.wasm`
	};
}

const qwen2: Model = {
	id: 'qwen2-0.5b-instruct',
	name: 'Qwen2 0.5B Instruct',
	licence: { name: APACHE, url: `${HUB}Qwen/Qwen2-0.5B-Instruct/blob/main/LICENSE` },
	languages: ['en', 'zh'],
	page: `${HUB}Qwen/Qwen2-0.5B-Instruct`,
	contextWindow: 4096,
	builds: [
		webllmBuild('Qwen2-0.5B-Instruct', 'q4f16_1'),
		{
			id: 'Qwen2-0.5B-Instruct-q4_k_m',
			engine: 'wllama',
			quantization: 'q4_k_m',
			needs: {},
			bytes: 397_900_000,
			approximate: true,
			memory: 397_900_000 + LLAMA_WORKING_MEMORY,
			url: `${HUB}Qwen/Qwen2-0.5B-Instruct-GGUF/resolve/main/qwen2-0_5b-instruct-q4_k_m.gguf`
		}
	]
};

const qwen25: Model = {
	id: 'qwen2.5-0.5b-instruct',
	name: 'Qwen2.5 0.5B Instruct',
	licence: { name: APACHE, url: `${HUB}Qwen/Qwen2.5-0.5B-Instruct/blob/main/LICENSE` },
	languages: ['en', 'zh', 'fr', 'es', 'pt', 'de', 'it', 'ru', 'ja', 'ko', 'vi', 'th', 'ar'],
	page: `${HUB}Qwen/Qwen2.5-0.5B-Instruct`,
	contextWindow: 4096,
	builds: [
		webllmBuild('Qwen2.5-0.5B-Instruct', 'q4f16_1'),
		webllmBuild('Qwen2.5-0.5B-Instruct', 'q4f32_1'),
		{
			id: 'Qwen2.5-0.5B-Instruct-q4_k_m',
			engine: 'wllama',
			quantization: 'q4_k_m',
			needs: {},
			bytes: 491_400_032,
			memory: 491_400_032 + LLAMA_WORKING_MEMORY,
			url: `${HUB}Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/main/qwen2.5-0.5b-instruct-q4_k_m.gguf`,
			sha256: '74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db'
		}
	]
};

/** The model that ships with the app, so that everything can be tried without a download from elsewhere. */
function selfTest(base: string): Model {
	return {
		id: 'self-test',
		name: 'Self-test',
		licence: { name: 'MIT', url: 'https://opensource.org/license/mit' },
		languages: ['en'],
		contextWindow: 4096,
		builds: [
			{
				id: 'self-test-gguf',
				engine: 'wllama',
				quantization: 'f32',
				needs: {},
				bytes: 467_904,
				memory: 64 * MEBIBYTE,
				pace: 40,
				url: new URL('self-test.gguf', base).href
			}
		]
	};
}

export const QWEN2 = qwen2.id;
export const QWEN25 = qwen25.id;
export const SELF_TEST = 'self-test';

/**
 * Every model on offer: the catalogue's, then the host's own.
 * @param base the app's base URL, absolute, ending in "/"
 * @param own further models
 * @param pins what files must be, by their canonical URLs
 */
export function catalogue(
	base: string,
	own: Model[] = [],
	pins: Readonly<Record<string, Pin>> = {}
): Model[] {
	const models = [qwen2, qwen25, ...own, selfTest(base)];
	return models.map((model) => ({ ...model, builds: model.builds.map((build) => pinned(build, pins)) }));
}

/** The build with what is pinned of its files; what the build itself pins stays. */
function pinned(build: Build, pins: Readonly<Record<string, Pin>>): Build {
	if (build.engine === 'webllm') return { ...build, pins: { ...pins, ...build.pins } };
	const pin = pins[build.url];
	if (!pin || build.sha256) return build;
	const { approximate, ...exact } = build;
	void approximate;
	return { ...exact, ...pin };
}

/** The model and the build of that id, or undefined. */
export function findBuild(models: Model[], buildId: string): { model: Model; build: Build } | undefined {
	for (const model of models) {
		const build = model.builds.find((candidate) => candidate.id === buildId);
		if (build) return { model, build };
	}
	return undefined;
}
