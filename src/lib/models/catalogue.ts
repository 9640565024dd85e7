/** Which models there are, in which builds, and where each build's files come from. */
import { FAMILIES, type FamilyModel } from './families.ts';
import { dispatches, kvBytes, largestTensor, parameters, weightBytes } from './shape.ts';

export type EngineName = 'webllm' | 'wllama' | 'builtin';

/** What a build asks of a device beyond room on its disk. */
export interface Needs {
	/** The GPU feature "shader-f16". */
	f16?: boolean;
	/** Least size of one GPU buffer, in bytes: that of the build's largest tensor. */
	maxBufferSize?: number;
}

/** What an engine does for each token that it writes. */
export interface Cost {
	/** Bytes of weights that are read. */
	weights: number;
	/** Bytes of keys and values that are read for each token of the context. */
	context: number;
	/** Dispatches on the GPU, where it runs there. */
	dispatches?: number;
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
	/** What one token costs, where the model's shape is known. */
	cost?: Cost;
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
	parts?: PartSums;
}

/** The sums of a file's parts: each can be verified as it comes, and fetched again alone. */
export interface PartSums {
	/** Bytes of each part but the last. */
	size: number;
	/** SHA-256 of the parts in their order, in hexadecimal, lower case. */
	sha256: readonly string[];
}

/** One file for llama.cpp. */
export interface WllamaBuild extends BuildBase {
	engine: 'wllama';
	url: string;
	/** SHA-256 of the file in hexadecimal, where it is pinned; `bytes` is exact then. */
	sha256?: string;
	parts?: PartSums;
}

/** The browser's own model: it has no files that the app could fetch, count or delete. */
export interface BuiltinBuild extends BuildBase {
	engine: 'builtin';
}

/** A build that the app fetches. */
export type FileBuild = WebllmBuild | WllamaBuild;

export type Build = FileBuild | BuiltinBuild;

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
	/** Whose line of models it is of. */
	family?: string;
	/** How many numbers it has learned. */
	parameters?: number;
	/** It was added on this device, by the person or out of a file. */
	own?: true;
	/** It writes down its thinking, between marks, before it answers. */
	thinks?: true;
	/** Tokens that prompt and answer share. */
	contextWindow: number;
	/** At least one. */
	builds: Build[];
}

/** Where WebLLM 0.2.86 keeps its compiled libraries; a test holds it against the installed package. */
const LIBRARIES =
	'https://raw.githubusercontent.com/mlc-ai/binary-mlc-llm-libs/main/web-llm-models/v0_2_86/base/';

const HUB = 'https://huggingface.co/';
const MEBIBYTE = 1024 ** 2;
const CONTEXT = 4096;

/** Compiled library (about 5 MB), config and manifest. */
const WEBLLM_EXTRAS = 5_170_000;

/** What llama.cpp takes beside the weights and the context. */
const LLAMA_WORKING_MEMORY = 256 * MEBIBYTE;

function webllmBuilds({ gpu, shape }: FamilyModel): WebllmBuild[] {
	return gpu.builds.map(({ quantization, vram }) => {
		const weights = weightBytes(shape, quantization);
		return {
			id: `${gpu.name}-${quantization}`,
			engine: 'webllm',
			quantization,
			needs: {
				...(quantization.includes('f16') ? { f16: true } : {}),
				maxBufferSize: largestTensor(shape, quantization)
			},
			bytes: weights + gpu.tokenizer + WEBLLM_EXTRAS,
			approximate: true,
			memory: Math.round(vram * MEBIBYTE),
			cost: { weights, context: kvBytes(shape), dispatches: dispatches(shape) },
			url: `${HUB}mlc-ai/${gpu.name}-${quantization}-MLC/resolve/main/`,
			library: `${LIBRARIES}${gpu.library ?? gpu.name}-${quantization}_cs1k-webgpu.wasm`
		};
	});
}

function wllamaBuilds({ cpu, gpu, shape }: FamilyModel): WllamaBuild[] {
	if (!cpu) return [];
	const { file, quantization, bytes, sha256 } = cpu;
	const context = kvBytes(shape);
	return [
		{
			id: `${gpu.name}-${quantization}`,
			engine: 'wllama',
			quantization,
			needs: {},
			bytes,
			...(sha256 ? { sha256 } : { approximate: true }),
			memory: bytes + CONTEXT * context + LLAMA_WORKING_MEMORY,
			cost: { weights: bytes, context },
			url: HUB + file
		}
	];
}

function modelOf(entry: FamilyModel): Model {
	const { id, name, family, licence, languages, repository, shape, thinks } = entry;
	return {
		id,
		name,
		family,
		licence,
		languages,
		page: HUB + repository,
		parameters: parameters(shape),
		...(thinks ? { thinks } : {}),
		contextWindow: CONTEXT,
		builds: [...webllmBuilds(entry), ...wllamaBuilds(entry)]
	};
}

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

export const QWEN2 = 'qwen2-0.5b-instruct';
export const QWEN25 = 'qwen2.5-0.5b-instruct';
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
	const models = [...FAMILIES.map(modelOf), ...own, selfTest(base)];
	return models.map((model) => ({ ...model, builds: model.builds.map((build) => pinned(build, pins)) }));
}

/** The build with what is pinned of its files; what the build itself pins stays. */
function pinned(build: Build, pins: Readonly<Record<string, Pin>>): Build {
	if (build.engine === 'builtin') return build;
	if (build.engine === 'webllm') return { ...build, pins: { ...pins, ...build.pins } };
	const pin = pins[build.url];
	if (!pin || (build.sha256 ?? pin.sha256) !== pin.sha256) return build;
	const { approximate, ...exact } = build;
	void approximate;
	return { ...exact, ...pin };
}

/** Whether the app fetches it. */
export const hasFiles = (build: Build): build is FileBuild => build.engine !== 'builtin';

/** The model and the build of that id, or undefined. */
export function findBuild(models: Model[], buildId: string): { model: Model; build: Build } | undefined {
	for (const model of models) {
		const build = model.builds.find((candidate) => candidate.id === buildId);
		if (build) return { model, build };
	}
	return undefined;
}
