import { NearfieldError, describe, isPlainObject } from '@nearfield/engine/encoder';
import type { ModelRepository } from '../../hub/model-repository.js';
import type { Pooling } from '../../pooling/pooling.js';

type Json = Readonly<Record<string, unknown>>;

/** What the files of a model say of it; undefined or empty where they say nothing. */
export interface ModelConfiguration {
  /** Length of a token's embedding, and of the text's before it is cut. */
  readonly width: number;
  /** Ways of pooling, whose results are strung together. */
  readonly pooling: readonly Pooling[];
  /** Whether the tokens of a prompt count when pooling. */
  readonly includePrompt: boolean;
  /** Whether embeddings are brought to length 1; undefined without `modules.json`. */
  readonly normalize: boolean | undefined;
  /** The graph itself must give the embedding of the text: dense layers follow the pooling. */
  readonly dense: boolean;
  readonly lowerCase: boolean;
  /** Tokens that the model reads, special tokens included. */
  readonly window: number;
  readonly query: string | undefined;
  readonly document: string | undefined;
  readonly metric: 'cosine' | 'dot' | 'euclidean' | undefined;
}

/** When no file tells how much a model reads. */
const DEFAULT_WINDOW = 512;

/** Of these the first positions are set aside: that of padding and those before it. */
const OFFSET_POSITIONS = new Set(['roberta', 'xlm-roberta', 'camembert', 'mpnet', 'xlm-roberta-xl', 'longformer']);

/** Keys of `1_Pooling/config.json`, in the order in which their results are strung together. */
const POOLING_FLAGS: readonly (readonly [flag: string, pooling: Pooling])[] = [
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len'],
  ['pooling_mode_weightedmean_tokens', 'weighted_mean'],
  ['pooling_mode_lasttoken', 'last'],
];

/**
 * Reads `config.json`, `tokenizer_config.json` and the files of Sentence Transformers: `modules.json`,
 * `sentence_bert_config.json`, `config_sentence_transformers.json` and the pooling's and dense layers' configurations.
 * Throws MODEL_INVALID, MODEL_NOT_FOUND without `config.json`, and what the repository throws.
 */
export async function readModelConfiguration(repository: ModelRepository): Promise<ModelConfiguration> {
  const object = async (path: string): Promise<Json> => asObject(await repository.json(path), path, repository.name);
  if (!(await repository.has('config.json'))) {
    const message = `Model ${repository.name} has no config.json`;
    throw new NearfieldError('MODEL_NOT_FOUND', message, { field: 'config.json' });
  }
  const config = await object('config.json');
  const modules = readModules(await repository.json('modules.json'), repository.name);
  const pathOf = (kind: string): string | undefined => modules?.find(({ type }) => type.endsWith(`.${kind}`))?.path;
  const beside = (path: string | undefined, file: string): string => (path ? `${path}/${file}` : file);
  const transformer = await object(beside(pathOf('Transformer'), 'sentence_bert_config.json'));
  const pooling = await object(beside(pathOf('Pooling') ?? '1_Pooling', 'config.json'));
  const dense = modules?.findLast(({ type }) => type.endsWith('.Dense'));
  const sentence = await object('config_sentence_transformers.json');
  const prompts = isPlainObject(sentence.prompts) ? sentence.prompts : {};
  const byDefault = text(prompts[String(sentence.default_prompt_name)]);
  const poolings = readPooling(pooling);
  const width = hiddenSize(config, repository.name);
  return {
    width: dense ? denseWidth(await object(`${dense.path}/config.json`), repository.name) : width,
    pooling: poolings,
    includePrompt: pooling.include_prompt !== false,
    normalize: modules?.some(({ type }) => type.endsWith('.Normalize')),
    dense: dense !== undefined,
    lowerCase: transformer.do_lower_case === true,
    window: readWindow(config, transformer, await object('tokenizer_config.json')),
    query: text(prompts.query) ?? byDefault,
    document: text(prompts.document) ?? text(prompts.passage) ?? text(prompts.corpus) ?? byDefault,
    metric: readMetric(sentence.similarity_fn_name),
  };
}

function readModules(modules: unknown, model: string): { type: string; path: string }[] | undefined {
  if (modules === undefined) return undefined;
  const entries = Array.isArray(modules) ? (modules as unknown[]) : [undefined];
  return entries.map((entry) => {
    if (isPlainObject(entry) && typeof entry.type === 'string' && typeof (entry.path ?? '') === 'string') {
      return { type: entry.type, path: (entry.path ?? '') as string };
    }
    throw invalid(model, 'modules.json', 'a list of modules with `type` and `path`', entry);
  });
}

function readPooling(config: Json): Pooling[] {
  return POOLING_FLAGS.filter(([flag]) => config[flag] === true).map(([, pooling]) => pooling);
}

function hiddenSize(config: Json, model: string): number {
  const nested = isPlainObject(config.text_config) ? config.text_config : {};
  const size = config.hidden_size ?? config.n_embd ?? config.d_model ?? config.dim ?? nested.hidden_size;
  if (isPositiveInteger(size)) return size;
  throw invalid(model, 'config.json', '`hidden_size`', size);
}

function denseWidth(config: Json, model: string): number {
  if (isPositiveInteger(config.out_features)) return config.out_features;
  throw invalid(model, 'the configuration of a dense layer', '`out_features`', config.out_features);
}

/** What Sentence Transformers or else the tokenizer says, within the positions that there are. */
function readWindow(config: Json, transformer: Json, tokenizer: Json): number {
  const offset = OFFSET_POSITIONS.has(String(config.model_type)) ? 2 : 0;
  const most = config.max_position_embeddings ?? config.n_positions;
  const positions = isPositiveInteger(most) && most > offset ? most - offset : undefined;
  // A tokenizer without a limit says so by a huge number.
  const stated = [transformer.max_seq_length, tokenizer.model_max_length].find(
    (length): length is number => isPositiveInteger(length) && length < 1_000_000,
  );
  return Math.min(stated ?? positions ?? DEFAULT_WINDOW, positions ?? Number.POSITIVE_INFINITY);
}

function readMetric(name: unknown): ModelConfiguration['metric'] {
  switch (name) {
    case 'cosine':
    case 'euclidean':
      return name;
    case 'dot':
    case 'dot_product':
      return 'dot';
    default:
      return undefined;
  }
}

function asObject(json: unknown, path: string, model: string): Json {
  if (json === undefined) return {};
  if (isPlainObject(json)) return json;
  throw invalid(model, path, 'an object', json);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function invalid(model: string, file: string, expected: string, received: unknown): NearfieldError {
  return new NearfieldError('MODEL_INVALID', `${file} of model ${model} cannot be used`, {
    expected,
    received: describe(received),
    field: file,
    remedy: 'Use another model or revision.',
  });
}
