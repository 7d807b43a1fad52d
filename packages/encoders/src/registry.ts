import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '@nearfield/engine/encoder';
import type { Encoder, EncoderRegistry } from '@nearfield/engine/encoder';
import { bagOfWords, type BagOfWordsOptions } from './bow/bag-of-words.js';
import { LANGUAGES } from './bow/languages.js';
import { mobilenetV2, type MobilenetV2Options } from './models/mobilenet-v2/mobilenet-v2.js';
import { spectral, type SpectralOptions } from './models/spectral/spectral.js';
import { speech, type SpeechOptions } from './models/speech/speech.js';
import { useLite, type UseLiteOptions } from './models/use-lite/use-lite.js';

/** Options of every encoder that has a name; each name refuses those of others. */
export type EncoderOptions = UseLiteOptions &
  MobilenetV2Options &
  SpeechOptions &
  SpectralOptions &
  Omit<BagOfWordsOptions, 'language'>;

const FACTORIES = new Map<string, (options: EncoderOptions) => Promise<Encoder>>([
  ['text:use-lite', (options) => useLite(options)],
  ['image:mobilenet-v2', (options) => mobilenetV2(options)],
  ['audio:speech', (options) => speech(options)],
  ['audio:spectral', (options) => spectral(options)],
  ...LANGUAGES.map((language): [string, (options: EncoderOptions) => Promise<Encoder>] => [
    `bow:${language}`,
    async (options) => {
      refuseUnknownKeys(options, ['stopWords', 'stem'], `bow:${language}`);
      return bagOfWords({ ...options, language });
    },
  ]),
]);

/** A new encoder by its name, `modality:model`. Loads no model. Throws UNKNOWN_ENCODER and what its factory throws. */
export async function encoder(name: string, options: EncoderOptions = {}): Promise<Encoder> {
  const factory = FACTORIES.get(name);
  if (factory === undefined) throw unknownEncoder(name, [...FACTORIES.keys()]);
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
    if (!FACTORIES.has(name)) throw unknownEncoder(name, this.names());
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
