import { NearfieldError, throwIfAborted } from '@nearfield/engine/encoder';
import type {
  EncodeOptions,
  Encoded,
  Encoder,
  EncoderIdentity,
  EncoderInput,
  EncoderOutput,
} from '@nearfield/engine/encoder';
import { createHash } from 'node:crypto';
import { invalidOption } from '../../check-options.js';
import { textInputs } from '../../preprocess/text/text-inputs.js';
import { textTasks } from '../../preprocess/text/text-tasks.js';
import { EmbeddingsClient } from './embeddings-client.js';
import { httpTextSettings, type HttpTextOptions, type HttpTextSettings } from './options.js';

export type { HttpTextOptions } from './options.js';

/** Registered name of the encoder; the model may follow after a slash. */
export const HTTP_TEXT = 'text:http';
export const HTTP_TEXT_PREFIX = `${HTTP_TEXT}/`;

/** Changes whenever the reading of an answer changes an embedding. */
const VERSION = '1';

/** Dimensions of OpenAI's models, so that they need not be asked for. */
const KNOWN_DIMENSIONS: ReadonlyMap<string, number> = new Map([
  ['text-embedding-3-small', 1536],
  ['text-embedding-3-large', 3072],
  ['text-embedding-ada-002', 1536],
]);

/** UTF-16 units a request: services limit the tokens of one. */
const REQUEST_LENGTH = 200_000;

/**
 * Text embeddings from a service that speaks OpenAI's protocol. The identity holds the model and not the address, so that
 * the same model may be asked for elsewhere; the key is in neither.
 *
 * Throws UNKNOWN_OPTION and INVALID_ARGUMENT, and what `encode` throws when the dimensions have to be asked for:
 * ENCODER_UNAVAILABLE and ENCODER_FAILED.
 *
 * @param name under which the encoder is registered
 */
export async function httpText(options: HttpTextOptions, name = HTTP_TEXT): Promise<Encoder> {
  const settings = httpTextSettings(options, name);
  const client = new EmbeddingsClient(name, settings);
  const { model, prompts } = settings;
  if (name !== HTTP_TEXT && name !== `${HTTP_TEXT_PREFIX}${model}`) {
    throw invalidOption('model', name, 'the model of the name, or no option', model);
  }
  const dimensions =
    settings.dimensions ?? KNOWN_DIMENSIONS.get(model) ?? (await client.embed(['dimensions']))[0].length;
  const identity: EncoderIdentity = Object.freeze({
    name,
    version: VERSION,
    checksum: createHash('sha256').update(`openai-embeddings\n${model}`).digest('hex'),
    options: Object.freeze({ model, dimensions, prompts }),
  });
  return new HttpText(identity, dimensions, settings, client);
}

class HttpText implements Encoder {
  readonly accepts = ['text'] as const;
  readonly output: EncoderOutput;
  readonly #calls = new Set<Promise<unknown>>();

  constructor(
    readonly identity: EncoderIdentity,
    private readonly dimensions: number,
    private readonly settings: HttpTextSettings,
    private readonly client: EmbeddingsClient,
  ) {
    this.output = { kind: 'dense', dimensions, metric: 'cosine' };
  }

  async encode(inputs: readonly EncoderInput[], { role, signal }: EncodeOptions = {}): Promise<Encoded[]> {
    throwIfAborted(signal);
    const prompt = this.settings.prompts[role ?? 'document'];
    const texts = textInputs(inputs, this.identity.name).map((text) => prompt + text);
    const call = this.#embed(texts, signal);
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Nothing is held between calls; waits for those that run. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#calls);
  }

  async #embed(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const { batchSize, concurrency } = this.settings;
    const embeddings: Float32Array[] = Array.from({ length: texts.length });
    const size = { texts: batchSize, length: REQUEST_LENGTH, textLength: REQUEST_LENGTH };
    const waiting = textTasks(texts, size);
    // When one request fails for good, the others are of no use.
    const failed = new AbortController();
    const either = signal === undefined ? failed.signal : AbortSignal.any([failed.signal, signal]);
    const lanes = Array.from({ length: concurrency }, async () => {
      for (const positions of waiting) {
        const values = await this.client.embed(
          positions.map((at) => texts[at]),
          either,
        );
        for (const [row, at] of positions.entries()) embeddings[at] = this.#checked(values[row]);
      }
    });
    try {
      await Promise.all(lanes);
    } catch (error) {
      failed.abort();
      await Promise.allSettled(lanes);
      throw error;
    }
    return embeddings;
  }

  #checked(embedding: Float32Array): Float32Array {
    if (embedding.length === this.dimensions) return embedding;
    throw new NearfieldError('ENCODER_FAILED', `${this.identity.name} gave an embedding of another length`, {
      expected: `${this.dimensions} dimensions`,
      received: `${embedding.length} dimensions`,
      remedy: 'Give the `dimensions` that the model has.',
    });
  }
}
