import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '@nearfield/engine/encoder';
import type { Encoder, EncoderRegistry } from '@nearfield/engine/encoder';
import { bagOfWords, type BagOfWordsOptions } from './bow/bag-of-words.js';
import { LANGUAGES } from './bow/languages.js';
import { HF_AUDIO_PREFIX, hfAudio, type HfAudioOptions } from './models/hf-audio/hf-audio.js';
import { HF_IMAGE_PREFIX, hfImage, type HfImageOptions } from './models/hf-image/hf-image.js';
import { HF_TEXT_PREFIX, hfText, type HfTextOptions } from './models/hf-text/hf-text.js';
import { HTTP_TEXT, HTTP_TEXT_PREFIX, httpText, type HttpTextOptions } from './models/http-text/http-text.js';
import { mobilenetV2, type MobilenetV2Options } from './models/mobilenet-v2/mobilenet-v2.js';
import { spectral, type SpectralOptions } from './models/spectral/spectral.js';
import { speech, type SpeechOptions } from './models/speech/speech.js';
import { useLite, type UseLiteOptions } from './models/use-lite/use-lite.js';

/** Options of every encoder that has a name; each name refuses those of others. */
export type EncoderOptions = UseLiteOptions &
  MobilenetV2Options &
  SpeechOptions &
  SpectralOptions &
  Omit<HfTextOptions, 'pooling'> &
  Omit<HfImageOptions, 'pooling'> &
  HfAudioOptions &
  HttpTextOptions &
  Omit<BagOfWordsOptions, 'language'> & { readonly pooling?: HfTextOptions['pooling'] | HfImageOptions['pooling'] };

type Factory = (options: EncoderOptions) => Promise<Encoder>;

/** Encoders that need no more than their name. */
const FACTORIES = new Map<string, Factory>([
  ['text:use-lite', (options) => useLite(options)],
  ['image:mobilenet-v2', (options) => mobilenetV2(options)],
  ['audio:speech', (options) => speech(options)],
  ['audio:spectral', (options) => spectral(options)],
  ...LANGUAGES.map((language): [string, Factory] => [
    `bow:${language}`,
    async (options) => {
      refuseUnknownKeys(options, ['stopWords', 'stem'], `bow:${language}`);
      return bagOfWords({ ...options, language });
    },
  ]),
]);

/** Encoders of any model: what follows the prefix says which. */
const PREFIXES: readonly (readonly [
  prefix: string,
  make: (rest: string, options: EncoderOptions) => Promise<Encoder>,
])[] = [
  [HF_TEXT_PREFIX, (repository, options) => hfText(repository, options as HfTextOptions)],
  [HF_IMAGE_PREFIX, (repository, options) => hfImage(repository, options as HfImageOptions)],
  [HF_AUDIO_PREFIX, (repository, options) => hfAudio(repository, options)],
  [HTTP_TEXT_PREFIX, (model, options) => httpText({ model, ...options }, `${HTTP_TEXT_PREFIX}${model}`)],
];

/** Prefixes and other names that need more to be an encoder, for messages. */
const PATTERNS = [HTTP_TEXT, ...PREFIXES.map(([prefix]) => `${prefix}…`)];

function factoryOf(name: string): Factory | undefined {
  const named = FACTORIES.get(name);
  if (named !== undefined || typeof name !== 'string') return named;
  if (name === HTTP_TEXT) return (options) => httpText(options);
  const [prefix, make] = PREFIXES.find(([start]) => name.length > start.length && name.startsWith(start)) ?? [];
  return prefix && make ? (options) => make(name.slice(prefix.length), options) : undefined;
}

/**
 * Whether a name says which model to take from the hub, a folder or a service, and so is none of the encoders that this
 * package brings: its maker may read files, and go to the network with the keys of the process.
 */
export function namesOutsideModel(name: string): boolean {
  return name === HTTP_TEXT || PREFIXES.some(([prefix]) => name.startsWith(prefix));
}

/**
 * A new encoder by its name, `modality:model`. Loads no model; the configuration of one that has to be downloaded is
 * read. Throws UNKNOWN_ENCODER and what its factory throws.
 */
export async function encoder(name: string, options: EncoderOptions = {}): Promise<Encoder> {
  const factory = factoryOf(name);
  if (factory === undefined) throw unknownEncoder(name, [...FACTORIES.keys(), ...PATTERNS]);
  return factory(options);
}

/** A registry that takes further encoders. */
export interface OpenEncoderRegistry extends EncoderRegistry {
  /** Makes an encoder known by the name of its identity, before any of that name. Throws INVALID_ARGUMENT. */
  add(encoder: Encoder): this;
}

/**
 * The encoders of this package and one's own, each made when it is first asked for and then always the same.
 *
 * @param own encoders to add; one with a name of this package takes its place
 */
export function registry(own: readonly Encoder[] = []): OpenEncoderRegistry {
  const known = new Registry();
  for (const encoder of own) known.add(encoder);
  return known;
}

class Registry implements OpenEncoderRegistry {
  readonly #resolved = new Map<string, Promise<Encoder>>();

  names(): readonly string[] {
    return [...new Set([...FACTORIES.keys(), ...this.#resolved.keys()])];
  }

  add(encoder: Encoder): this {
    const name: unknown = encoder?.identity?.name;
    if (typeof name !== 'string' || name === '') {
      throw new NearfieldError('INVALID_ARGUMENT', 'An encoder for the registry has no name', {
        expected: 'an Encoder with `identity.name`, modality:model',
        received: describe(encoder),
      });
    }
    this.#resolved.set(name, Promise.resolve(encoder));
    return this;
  }

  async resolve(name: string): Promise<Encoder> {
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    if (factoryOf(name) === undefined) throw unknownEncoder(name, [...this.names(), ...PATTERNS]);
    const made = encoder(name);
    this.#resolved.set(name, made);
    // A failure is not kept: the package that was missing may be there next time.
    made.catch(() => this.#resolved.delete(name));
    return made;
  }

  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#resolved.values());
    await Promise.all(settled.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)));
  }
}

function unknownEncoder(name: unknown, known: readonly string[]): NearfieldError {
  return new NearfieldError('UNKNOWN_ENCODER', `Unknown encoder ${describe(name)}`, {
    remedy: suggestion(String(name), known),
    field: 'encoder',
  });
}
