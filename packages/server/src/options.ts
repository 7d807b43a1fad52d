import { NearfieldError } from '@nearfield/engine';
import { describe, refuseUnknownKeys } from '@nearfield/engine/encoder';

export interface AppOptions {
  /**
   * Every request but the health checks must carry it: `Authorization: Bearer <apiKey>`. Default: none is asked for.
   */
  readonly apiKey?: string;
  /** Longest body, in bytes. Default 64 MiB. */
  readonly bodyLimit?: number;
  /** Take a string as the path of an image or sound on this machine. Default false: it would let clients read files. */
  readonly allowLocalPaths?: boolean;
  /**
   * Let clients create collections with any model of the hub, of a folder of this machine, or of an embeddings service
   * (`text:hf/…`, `image:hf/…`, `audio:hf/…`, `text:http`). Default false: it would let them fill the disk, open folders,
   * and use the keys of the environment.
   */
  readonly allowModels?: boolean;
  /**
   * Host names, without ports, that requests may be addressed to. Default: any. A server on the loopback without an API
   * key should name its own, so that a web page cannot reach it under a name that it has pointed there (DNS rebinding).
   */
  readonly allowedHosts?: readonly string[];
  /** Told of every error that is answered with a status of 500 or more, whose cause the client is not told. */
  readonly onServerError?: (error: unknown, request: { readonly method: string; readonly url: string }) => void;
}

/** The options with their defaults. */
export interface ResolvedAppOptions extends AppOptions {
  readonly bodyLimit: number;
  readonly allowLocalPaths: boolean;
  readonly allowModels: boolean;
}

const DEFAULTS = Object.freeze({ bodyLimit: 64 * 1024 * 1024, allowLocalPaths: false, allowModels: false });
const NAMES: readonly (keyof AppOptions)[] = [
  'apiKey',
  'bodyLimit',
  'allowLocalPaths',
  'allowModels',
  'allowedHosts',
  'onServerError',
];

/** Spells out the defaults. Throws UNKNOWN_OPTION or INVALID_ARGUMENT naming the option. */
export function resolveOptions(options: AppOptions): ResolvedAppOptions {
  refuseUnknownKeys(options, NAMES, 'createApp');
  const { apiKey, bodyLimit = DEFAULTS.bodyLimit } = options;
  const { allowLocalPaths = DEFAULTS.allowLocalPaths, allowModels = DEFAULTS.allowModels } = options;
  if (apiKey !== undefined && (typeof apiKey !== 'string' || apiKey === ''))
    throw invalid('apiKey', 'a string that is not empty', apiKey);
  if (!Number.isSafeInteger(bodyLimit) || bodyLimit < 1)
    throw invalid('bodyLimit', 'a number of bytes, at least 1', bodyLimit);
  if (typeof allowLocalPaths !== 'boolean') throw invalid('allowLocalPaths', 'true or false', allowLocalPaths);
  if (typeof allowModels !== 'boolean') throw invalid('allowModels', 'true or false', allowModels);
  return { ...options, apiKey, bodyLimit, allowLocalPaths, allowModels };
}

function invalid(field: string, expected: string, received: unknown): NearfieldError {
  return new NearfieldError('INVALID_ARGUMENT', `\`${field}\` is wrong`, {
    field,
    expected,
    received: describe(received),
  });
}
