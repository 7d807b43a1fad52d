// Encoders that need no model: whole words, and the letters that a text is made of. They note what they were given.
import { NearfieldError, type Encoded, type Encoder, type EncoderInput, type EncoderRegistry } from '@nearfield/engine';

abstract class TextEncoder implements Encoder {
  abstract readonly identity: Encoder['identity'];
  abstract readonly output: Encoder['output'];
  readonly accepts = ['text'] as const;
  /** The texts of each call. */
  readonly calls: string[][] = [];
  closed = 0;
  /** Awaited before each call returns. */
  pause: () => Promise<void> = async () => undefined;

  constructor(readonly strength?: number) {}

  async encode(inputs: readonly EncoderInput[]): Promise<Encoded[]> {
    const texts = inputs.map((input) => (input.kind === 'text' ? input.text : ''));
    this.calls.push(texts);
    await this.pause();
    return texts.map((text) => this.encodeText(text));
  }

  async close(): Promise<void> {
    this.closed++;
  }

  protected abstract encodeText(text: string): Encoded;
}

/** Sparse: each word, lower case, with the number of times that it occurs. */
export class WordEncoder extends TextEncoder {
  override readonly output = { kind: 'sparse' } as const;
  override readonly identity = { name: 'bow:words', version: '1', checksum: 'none', options: {} };

  protected override encodeText(text: string): Encoded {
    const counts = new Map<string, number>();
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
    return { terms: [...counts.keys()], weights: Float32Array.from(counts.values()) };
  }
}

/** Dense, 26 dimensions: how often each of the letters a to z occurs. */
export class LetterEncoder extends TextEncoder {
  override readonly output = { kind: 'dense', dimensions: 26, metric: 'cosine' } as const;
  override readonly identity: Encoder['identity'];

  constructor(strength?: number, version = '1') {
    super(strength);
    this.identity = { name: 'text:letters', version, checksum: 'none', options: { case: 'lower' } };
  }

  protected override encodeText(text: string): Encoded {
    const counts = new Float32Array(26);
    for (const letter of text.toLowerCase()) {
      const at = letter.charCodeAt(0) - 97;
      if (at >= 0 && at < 26) counts[at]++;
    }
    return counts;
  }
}

/** A registry of the given encoders. */
export function registryOf(...encoders: Encoder[]): EncoderRegistry {
  return {
    names: () => encoders.map(({ identity }) => identity.name),
    resolve: async (name) => {
      const found = encoders.find(({ identity }) => identity.name === name);
      if (found === undefined) throw new NearfieldError('UNKNOWN_ENCODER', `No encoder ${name}`);
      return found;
    },
    close: async () => {
      for (const encoder of encoders) await encoder.close();
    },
  };
}
