import { NearfieldError, isPlainObject, refuseUnknownKeys } from '@nearfield/engine/encoder';
import { checkPositiveInteger, checkType, invalidOption } from '../../check-options.js';

export interface HttpTextOptions {
  /**
   * Address of the service up to its version (`https://api.openai.com/v1`), or of the embeddings themselves
   * (`…/embeddings`). Default: the environment variable OPENAI_BASE_URL, else OpenAI's.
   */
  readonly url?: string;
  /** Name of the model, as the service knows it. Required. */
  readonly model?: string;
  /**
   * Length of an embedding, which the service is asked for. Left out, it is the model's own: known of OpenAI's models,
   * else found by encoding one word when the encoder is made.
   */
  readonly dimensions?: number;
  /** Texts a request, a positive integer; fewer when they are long. Default: 64. */
  readonly batchSize?: number;
  /** Requests at the same time, a positive integer. Default: 4. */
  readonly concurrency?: number;
  /** Name of the environment variable that holds the key of the service. Default: OPENAI_API_KEY. */
  readonly apiKeyEnv?: string;
  /** Milliseconds until a request counts as failed. Default: 60 000. */
  readonly timeout?: number;
  /** How often a failed request is repeated, 0 for never. Default: 5. */
  readonly retries?: number;
  /** What goes before each query and each document; default: nothing. */
  readonly prompts?: { readonly query?: string; readonly document?: string };
}

export interface HttpTextSettings {
  /** Where embeddings are asked for. */
  readonly url: URL;
  readonly model: string;
  readonly dimensions: number | undefined;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly apiKeyEnv: string;
  readonly timeout: number;
  readonly retries: number;
  readonly prompts: { readonly query: string; readonly document: string };
}

const OPENAI = 'https://api.openai.com/v1';
const MAX_TIMEOUT = 2 ** 31 - 1;

const OPTIONS = 'url model dimensions batchSize concurrency apiKeyEnv timeout retries prompts'.split(' ');

/** Throws UNKNOWN_OPTION and INVALID_ARGUMENT. */
export function httpTextSettings(options: HttpTextOptions, name: string): HttpTextSettings {
  refuseUnknownKeys(options, OPTIONS, name);
  const { model, prompts = {}, retries = 5, apiKeyEnv = 'OPENAI_API_KEY' } = options;
  if (typeof model !== 'string' || model === '') {
    const remedy = `Give it as an option, or in the name: text:http/<model>.`;
    throw invalidOption('model', name, 'the name of a model', model, remedy);
  }
  checkType(options.url, 'string', 'url', name);
  for (const key of ['dimensions', 'batchSize', 'concurrency'] as const) checkPositiveInteger(options[key], key, name);
  checkPositiveInteger(options.timeout, 'timeout', name, MAX_TIMEOUT);
  if (!Number.isSafeInteger(retries) || retries < 0) throw invalidOption('retries', name, 'an integer from 0', retries);
  if (typeof apiKeyEnv !== 'string' || !/^\w+$/.test(apiKeyEnv)) {
    // Somebody may have given the key itself: it is not shown.
    throw new NearfieldError('INVALID_ARGUMENT', `Invalid \`apiKeyEnv\` of ${name}`, {
      expected: 'the name of an environment variable, not the key',
      field: 'apiKeyEnv',
    });
  }
  if (!isPlainObject(prompts)) throw invalidOption('prompts', name, '{ query?: string, document?: string }', prompts);
  refuseUnknownKeys(prompts, ['query', 'document'], `prompts of ${name}`);
  checkType(prompts.query, 'string', 'prompts.query', name);
  checkType(prompts.document, 'string', 'prompts.document', name);
  return {
    url: embeddingsUrl(options.url ?? (process.env.OPENAI_BASE_URL || OPENAI), name),
    model,
    dimensions: options.dimensions,
    batchSize: options.batchSize ?? 64,
    concurrency: options.concurrency ?? 4,
    apiKeyEnv,
    timeout: options.timeout ?? 60_000,
    retries,
    prompts: { query: prompts.query ?? '', document: prompts.document ?? '' },
  };
}

function embeddingsUrl(given: string, name: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new NearfieldError('INVALID_ARGUMENT', `Invalid \`url\` of ${name}`, {
      expected: 'http:// or https:// without a user name or password',
      field: 'url',
    });
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (!path.endsWith('/embeddings')) url.pathname = `${path || '/v1'}/embeddings`;
  return url;
}
