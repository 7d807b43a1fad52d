import { NearfieldError, type TextSpan } from '@nearfield/engine/encoder';
import { readFile } from 'node:fs/promises';
import { finishEmbeddings } from '../../pooling/finish.js';
import { pool, type TokenRange } from '../../pooling/pooling.js';
import { HuggingFaceTokenizer } from '../../preprocess/text/hugging-face-tokenizer.js';
import { lengthBatches } from '../../preprocess/text/length-batches.js';
import { passages } from '../../preprocess/text/passages.js';
import { Session, type LongInput, type SessionOutput } from '../../session/session.js';
import type { TextSettings } from './settings.js';

/** Where a worker finds a graph. Paths are local. */
export interface GraphFile {
  /** Name of the encoder, for messages. */
  readonly name: string;
  readonly model: string;
}

/** Where a worker finds a tokenizer. Paths are local. */
export interface TokenizerFiles {
  readonly name: string;
  readonly tokenizer: string;
  readonly tokenizerConfig: string | undefined;
}

/** Where a worker finds the model and how it uses it. */
export interface TextModelData extends GraphFile, TokenizerFiles {
  readonly settings: TextSettings;
  readonly batchSize: number;
}

/** Padded tokens a batch. A layer of 384 numbers runs as fast with 512 as with 1 024, and a fifth slower with 8 192. */
const BATCH_BUDGET = 1024;

/** A text encoder of the BERT family on ONNX Runtime, with its tokenizer. */
export class TextModel {
  private constructor(
    private readonly data: TextModelData,
    private readonly session: Session,
    private readonly tokenizer: HuggingFaceTokenizer,
  ) {}

  /** Throws MODEL_INVALID for a tokenizer or a graph of another kind. */
  static async load(data: TextModelData & { readonly threads: number }): Promise<TextModel> {
    const [session, tokenizer] = await Promise.all([openSession(data), loadTokenizer(data, data.settings.window)]);
    for (const name of session.inputNames) {
      if (!['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'].includes(name)) {
        throw unsuitable(data.name, `an input ${name}`);
      }
    }
    return new TextModel(data, session, tokenizer);
  }

  /** The ids of a text as the model reads it. */
  tokenize(text: string): number[] {
    return this.tokenizer.encode(this.#cased(text));
  }

  /**
   * Embeddings of shape [texts.length, dimensions], in order, or undefined once `isCancelled` says so, which is asked
   * between batches.
   */
  async embed(texts: readonly string[], prompt: string, isCancelled: () => boolean): Promise<Float32Array | undefined> {
    const { settings, batchSize } = this.data;
    const tokens = texts.map((text) => this.tokenize(prompt + text));
    const skipped = settings.includePrompt ? 0 : this.tokenizer.promptLength(prompt);
    const embeddings = new Float32Array(texts.length * settings.width);
    const lengths = tokens.map((ids) => ids.length);
    for (const batch of lengthBatches(lengths, BATCH_BUDGET, batchSize)) {
      if (isCancelled()) return undefined;
      const rows = await this.#run(
        batch.map((position) => tokens[position]),
        skipped,
      );
      for (const [row, position] of batch.entries()) {
        embeddings.set(rows.subarray(row * settings.width, (row + 1) * settings.width), position * settings.width);
      }
    }
    return finishEmbeddings(embeddings, settings.width, settings);
  }

  /** The passages of each text that fit the window behind a prompt. */
  cut(texts: readonly string[], prompt: string): TextSpan[][] {
    const countTokens = (text: string): number => this.tokenizer.count(this.#cased(text));
    const window = Math.max(this.tokenizer.room - countTokens(prompt), 1);
    return texts.map((text) => passages(text, { window, countTokens }));
  }

  #cased(text: string): string {
    return this.data.settings.lowerCase ? text.toLowerCase() : text;
  }

  /** Pooled embeddings of sequences, which are padded at their ends. */
  async #run(sequences: readonly (readonly number[])[], skipped: number): Promise<Float32Array> {
    const length = Math.max(...sequences.map((ids) => ids.length));
    const outputs = await this.session.run(this.#inputs(sequences, length));
    const { settings, name } = this.data;
    if (settings.dense) {
      const sentence = outputs[this.session.outputNames.indexOf('sentence_embedding')];
      if (sentence?.shape.at(-1) !== settings.width) throw unsuitable(name, 'no embedding of the whole text');
      return sentence.data as Float32Array;
    }
    return this.#pool(outputs, sequences, { length, skipped });
  }

  #pool(
    outputs: readonly SessionOutput[],
    sequences: readonly (readonly number[])[],
    { length, skipped }: { length: number; skipped: number },
  ): Float32Array {
    const { settings, name } = this.data;
    const dimensions = settings.width / settings.pooling.length;
    const shape = [sequences.length, length, dimensions];
    const tokens = outputs.find((output) => output.shape.join() === shape.join());
    if (!(tokens?.data instanceof Float32Array)) {
      throw unsuitable(name, `outputs of shape ${outputs.map((output) => `[${output.shape.join()}]`).join(' and ')}`);
    }
    // A prompt that fills the window leaves the last token.
    const ranges = sequences.map((ids): TokenRange => ({ start: Math.min(skipped, ids.length - 1), end: ids.length }));
    const parts = settings.pooling.map((pooling) =>
      pool(tokens.data as Float32Array, { length, dimensions }, ranges, pooling),
    );
    return parts.length === 1 ? parts[0] : strungTogether(parts, sequences.length, dimensions);
  }

  #inputs(sequences: readonly (readonly number[])[], length: number): Record<string, LongInput> {
    const shape = [sequences.length, length];
    const matrix = (value: (ids: readonly number[], column: number) => number): LongInput => {
      const data = new BigInt64Array(sequences.length * length);
      for (const [row, ids] of sequences.entries()) {
        for (let column = 0; column < length; column++) data[row * length + column] = BigInt(value(ids, column));
      }
      return { shape, data };
    };
    const values: Record<string, () => LongInput> = {
      input_ids: () => matrix((ids, column) => ids[column] ?? this.tokenizer.padding),
      attention_mask: () => matrix((ids, column) => (column < ids.length ? 1 : 0)),
      token_type_ids: () => matrix(() => 0),
      position_ids: () => matrix((_, column) => column),
    };
    return Object.fromEntries(this.session.inputNames.map((name) => [name, values[name]()]));
  }
}

/** Throws MODEL_INVALID. */
export async function openSession({ name, model, threads }: GraphFile & { threads: number }): Promise<Session> {
  try {
    return await Session.open(model, { threads });
  } catch (cause) {
    throw new NearfieldError(
      'MODEL_INVALID',
      `The graph of ${name} cannot be opened`,
      { received: cause instanceof Error ? cause.message : String(cause), remedy: 'Use another file of the model.' },
      { cause },
    );
  }
}

/**
 * Throws MODEL_INVALID.
 *
 * @param window tokens of a sequence at most
 */
export async function loadTokenizer(
  { name, tokenizer, tokenizerConfig }: TokenizerFiles,
  window: number,
): Promise<HuggingFaceTokenizer> {
  const [rules, config] = await Promise.all([
    readFile(tokenizer, 'utf8'),
    tokenizerConfig === undefined ? '{}' : readFile(tokenizerConfig, 'utf8'),
  ]);
  try {
    return new HuggingFaceTokenizer(JSON.parse(rules) as object, JSON.parse(config) as Record<string, unknown>, window);
  } catch (cause) {
    throw new NearfieldError(
      'MODEL_INVALID',
      `The tokenizer of ${name} cannot be used`,
      { received: cause instanceof Error ? cause.message : String(cause), remedy: 'Use another model or revision.' },
      { cause },
    );
  }
}

/** Results of several poolings beside each other: [rows, parts.length * dimensions]. */
function strungTogether(parts: readonly Float32Array[], rows: number, dimensions: number): Float32Array {
  const whole = new Float32Array(rows * parts.length * dimensions);
  for (const [part, values] of parts.entries()) {
    for (let row = 0; row < rows; row++) {
      const from = values.subarray(row * dimensions, (row + 1) * dimensions);
      whole.set(from, (row * parts.length + part) * dimensions);
    }
  }
  return whole;
}

function unsuitable(name: string, received: string): NearfieldError {
  return new NearfieldError('MODEL_INVALID', `The graph of ${name} is not that of a text encoder`, {
    expected: 'input_ids and attention_mask in, token embeddings out',
    received,
    remedy: 'Use another model, or another file of it by `modelFile`.',
  });
}
