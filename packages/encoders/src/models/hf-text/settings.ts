import { isPlainObject, refuseUnknownKeys } from '@nearfield/engine/encoder';
import { checkOneOf, checkPositiveInteger, checkType, invalidOption } from '../../check-options.js';
import { PRECISIONS, type Precision } from '../../hub/model-file.js';
import type { DownloadProgress, ModelRepository } from '../../hub/model-repository.js';
import { POOLINGS, type Pooling } from '../../pooling/pooling.js';
import { familyOf } from './families.js';
import { readModelConfiguration } from './model-configuration.js';

/** Each option that is left out follows the model's own files, then what is known of its family by name. */
export interface HfTextOptions {
  /** A folder that holds the files of the model: nothing is downloaded, and the name is only a name. */
  readonly folder?: string;
  /** Which of the model's ONNX files: `fp32` (default), `fp16` or `int8`. */
  readonly precision?: Precision;
  /** Path of an ONNX file in the repository, for one that no `precision` names. */
  readonly modelFile?: string;
  /** How token embeddings become one. */
  readonly pooling?: Pooling;
  /** Whether embeddings have length 1. */
  readonly normalize?: boolean;
  /** What goes before each query and each document; '' for nothing. */
  readonly prompts?: { readonly query?: string; readonly document?: string };
  /** Tokens of a text that are read, special tokens included: at most what the model reads. */
  readonly maxLength?: number;
  /** Length of an embedding, for Matryoshka models: its first numbers, brought to length 1 again. */
  readonly dimensions?: number;
  /** Threads that encode: a positive integer. Default: the available cores. */
  readonly threads?: number;
  /** Texts that the model reads at once, a positive integer; fewer when they are long. Default: 32. */
  readonly batchSize?: number;
  /** Told of bytes that are downloaded. */
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** How a model is used; all of it plain JSON. */
export interface TextSettings {
  /** Length of a pooled embedding before it is cut. */
  readonly width: number;
  readonly dimensions: number;
  readonly pooling: readonly Pooling[];
  readonly includePrompt: boolean;
  readonly normalize: boolean;
  readonly layerNorm: boolean;
  readonly dense: boolean;
  readonly lowerCase: boolean;
  readonly window: number;
  readonly prompts: { readonly query: string; readonly document: string };
  readonly metric: 'cosine' | 'dot' | 'euclidean';
}

const OPTIONS =
  'folder precision modelFile pooling normalize prompts maxLength dimensions threads batchSize onProgress'.split(' ');

/** A batch of so many texts fills any processor. */
const MAX_BATCH = 4096;

/** Throws UNKNOWN_OPTION and INVALID_ARGUMENT. */
export function checkHfTextOptions(options: HfTextOptions, name: string): void {
  refuseUnknownKeys(options, OPTIONS, name);
  const { prompts = {} } = options;
  for (const key of ['folder', 'modelFile'] as const) checkType(options[key], 'string', key, name);
  checkOneOf(options.precision, PRECISIONS, 'precision', name);
  checkOneOf(options.pooling, POOLINGS, 'pooling', name);
  checkType(options.normalize, 'boolean', 'normalize', name);
  if (!isPlainObject(prompts)) throw invalidOption('prompts', name, '{ query?: string, document?: string }', prompts);
  refuseUnknownKeys(prompts, ['query', 'document'], `prompts of ${name}`);
  checkType(prompts.query, 'string', 'prompts.query', name);
  checkType(prompts.document, 'string', 'prompts.document', name);
  for (const key of ['maxLength', 'dimensions', 'threads'] as const) checkPositiveInteger(options[key], key, name);
  checkPositiveInteger(options.batchSize, 'batchSize', name, MAX_BATCH);
  checkType(options.onProgress, 'function', 'onProgress', name);
}

/** Throws INVALID_ARGUMENT for what the model cannot do, and what `readModelConfiguration` throws. */
export async function textSettings(
  repository: ModelRepository,
  options: HfTextOptions,
  name: string,
): Promise<TextSettings> {
  const model = await readModelConfiguration(repository);
  const family = familyOf(name);
  const pooling = options.pooling
    ? [options.pooling]
    : model.pooling.length > 0
      ? model.pooling
      : [family.pooling ?? 'mean'];
  // Dense layers have the width of the text's embedding already.
  const width = model.dense ? model.width : model.width * pooling.length;
  checkPositiveInteger(options.dimensions, 'dimensions', name, width);
  checkPositiveInteger(options.maxLength, 'maxLength', name, model.window);
  if (model.dense && options.pooling !== undefined) {
    throw invalidOption('pooling', name, 'none, because the model pools itself', options.pooling);
  }
  const dimensions = options.dimensions ?? width;
  const { metric = family.metric ?? 'cosine' } = model;
  return {
    width,
    dimensions,
    pooling,
    includePrompt: model.includePrompt,
    normalize: options.normalize ?? model.normalize ?? metric === 'cosine',
    layerNorm: dimensions < width && family.layerNorm === true,
    dense: model.dense,
    lowerCase: model.lowerCase,
    window: options.maxLength ?? model.window,
    prompts: {
      query: options.prompts?.query ?? model.query ?? family.query ?? '',
      document: options.prompts?.document ?? model.document ?? family.document ?? '',
    },
    metric,
  };
}
