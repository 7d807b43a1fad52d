import type { Encoder, EncoderInput, EncoderRegistry } from '@nearfield/engine';

const LETTERS = 26;

/** An encoder small enough to reckon by hand: how often each letter from a to z occurs. */
export class LettersEncoder implements Encoder {
  readonly identity = { name: 'text:letters', version: '1', checksum: 'none', options: {} };
  readonly accepts = ['text'] as const;
  readonly output = { kind: 'dense', dimensions: LETTERS, metric: 'cosine' } as const;

  async encode(inputs: readonly EncoderInput[], _options?: { signal?: AbortSignal }): Promise<Float32Array[]> {
    return inputs.map((input) => lettersOf(input.kind === 'text' ? input.text : ''));
  }

  async close(): Promise<void> {}
}

function lettersOf(text: string): Float32Array {
  const vector = new Float32Array(LETTERS).fill(0.001);
  for (const letter of text.toLowerCase()) {
    const place = letter.charCodeAt(0) - 97;
    if (place >= 0 && place < LETTERS) vector[place]++;
  }
  return vector;
}

/** A LettersEncoder that tells when a query arrives and holds it until it is let go or aborted. */
export class HeldEncoder extends LettersEncoder {
  readonly arrived: Promise<void>;
  readonly aborted: Promise<void>;
  letGo!: () => void;
  #arrive!: () => void;
  #abort!: () => void;
  readonly #released: Promise<void>;

  constructor() {
    super();
    this.arrived = new Promise((resolve) => (this.#arrive = resolve));
    this.aborted = new Promise((resolve) => (this.#abort = resolve));
    this.#released = new Promise((resolve) => (this.letGo = resolve));
  }

  override async encode(
    inputs: readonly EncoderInput[],
    options: { signal?: AbortSignal } = {},
  ): Promise<Float32Array[]> {
    const { signal } = options;
    const ended = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    void ended.then(this.#abort);
    this.#arrive();
    await Promise.race([this.#released, ended]);
    return super.encode(inputs);
  }
}

export function registryOf(encoder: Encoder): EncoderRegistry {
  return {
    names: () => [encoder.identity.name],
    resolve: async () => encoder,
    close: () => encoder.close(),
  };
}
