// Encoders that need no model: whole words, and the letters that a text is made of. They note what they were given.
import {
  NearfieldError,
  type EncodeOptions,
  type Encoded,
  type Encoder,
  type EncoderInput,
  type EncoderRegistry,
  type Modality,
  type TextSpan,
} from '@nearfield/engine';

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

/** The letter encoder for a model that reads eight words: passages are runs of eight words, each begins with the last two of the one before. */
export class WindowEncoder extends LetterEncoder {
  /** The texts of each call of `passages`. */
  readonly cuts: string[][] = [];

  async passages(texts: readonly string[]): Promise<TextSpan[][]> {
    this.cuts.push([...texts]);
    return texts.map((text) => {
      const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
        start: index,
        end: index + word.length,
      }));
      if (words.length <= 8) return [{ start: 0, end: text.length }];
      const spans: TextSpan[] = [];
      for (let first = 0; first + 2 < words.length; first += 6) {
        spans.push({ start: words[first].start, end: words[Math.min(first + 8, words.length) - 1].end });
      }
      return spans;
    });
  }
}

/**
 * Texts, images and sounds in one space of `dimensions`: components 0, 1, 2 … count the letters a, b, c … of a text, a path or
 * bytes. A source that begins with "broken" cannot be read.
 */
export class SharedEncoder implements Encoder {
  readonly identity: Encoder['identity'];
  readonly output: { kind: 'dense'; dimensions: number; metric: 'cosine' | 'dot' };
  /** The inputs of each call, as text. */
  readonly calls: string[][] = [];

  constructor(
    readonly name: string,
    readonly accepts: readonly Modality[],
    { dimensions = 4, metric = 'cosine' as 'cosine' | 'dot', version = '1' } = {},
  ) {
    this.identity = { name, version, checksum: 'none', options: {} };
    this.output = { kind: 'dense', dimensions, metric };
  }

  async encode(inputs: readonly EncoderInput[], { onUnreadable }: EncodeOptions = {}): Promise<Encoded[]> {
    const sources = inputs.map((input) => sourceOf(input));
    this.calls.push(sources);
    return sources.map((source, i) => {
      const letters = new Float32Array(this.output.dimensions);
      if (source.startsWith('broken')) {
        const error = new NearfieldError('UNREADABLE_MEDIA', `Input ${i} cannot be read`, { record: i });
        if (onUnreadable === undefined) throw error;
        onUnreadable(i, error);
        return letters;
      }
      for (const letter of source) {
        const at = letter.charCodeAt(0) - 97;
        if (at >= 0 && at < letters.length) letters[at]++;
      }
      return letters;
    });
  }

  async close(): Promise<void> {}
}

function sourceOf(input: EncoderInput): string {
  if (input.kind === 'text') return input.text;
  const source = input.kind === 'image' ? input.image : input.audio;
  return source instanceof Uint8Array ? Buffer.from(source).toString() : String(source);
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
