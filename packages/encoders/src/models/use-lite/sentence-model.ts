import type { TextSpan } from '@nearfield/engine/encoder';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertGraphModel } from '../../convert/convert.js';
import { readModel, readShards } from '../../convert/graph-model-files.js';
import { passages } from '../../preprocess/text/passages.js';
import { UnigramTokenizer, type VocabularyEntry } from '../../preprocess/text/unigram-tokenizer.js';
import { cachedModel } from '../../session/model-cache.js';
import { Session } from '../../session/session.js';
import { lengthBatches } from '../../preprocess/text/length-batches.js';
import { convertedName } from './model-files.js';
import { DIMENSIONS, RESERVED_SYMBOLS, WINDOW } from './specification.js';

/** Padded tokens a batch: enough to fill the cores, few enough for their caches. */
const BATCH_BUDGET = 1024;

/** Where a worker finds the model, how it names the converted one, and how it runs it. */
export interface SentenceModelData {
  readonly folder: string;
  readonly cacheFolder: string;
  readonly checksum: string;
  readonly threads: number;
}

/** Universal Sentence Encoder lite on ONNX Runtime, with its tokenizer. */
export class SentenceModel {
  private constructor(
    private readonly session: Session,
    private readonly tokenizer: UnigramTokenizer,
  ) {}

  static async load({ folder, cacheFolder, checksum, threads }: SentenceModelData): Promise<SentenceModel> {
    const [onnx, tokenizer] = await Promise.all([
      cachedModel(cacheFolder, convertedName(checksum), async () => {
        const model = await readModel(folder);
        return convertGraphModel(model, await readShards(folder, model));
      }),
      SentenceModel.tokenizer(folder),
    ]);
    return new SentenceModel(await Session.open(onnx, { threads }), tokenizer);
  }

  static async tokenizer(folder: string): Promise<UnigramTokenizer> {
    const vocabulary = JSON.parse(await readFile(join(folder, 'vocab.json'), 'utf8')) as VocabularyEntry[];
    return new UnigramTokenizer(vocabulary, RESERVED_SYMBOLS);
  }

  /**
   * Embeddings of shape [texts.length, 512], in order, or undefined once `isCancelled` says so, which is asked between
   * batches.
   */
  async embed(texts: readonly string[], isCancelled: () => boolean): Promise<Float32Array | undefined> {
    const tokens = texts.map((text) => this.tokenizer.encode(text).slice(0, WINDOW));
    const embeddings = new Float32Array(texts.length * DIMENSIONS);
    for (const batch of lengthBatches(
      tokens.map((ids) => ids.length),
      BATCH_BUDGET,
    )) {
      if (isCancelled()) return undefined;
      const rows = await this.#run(batch.map((position) => tokens[position] ?? []));
      for (const [row, position] of batch.entries()) {
        embeddings.set(rows.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS), position * DIMENSIONS);
      }
    }
    return embeddings;
  }

  /** The passages of each text. */
  cut(texts: readonly string[]): TextSpan[][] {
    const countTokens = (text: string): number => this.tokenizer.encode(text).length;
    return texts.map((text) => passages(text, { window: WINDOW, countTokens }));
  }

  /** Runs the graph over ragged rows, given as coordinates [row, column] and ids. The last row is the longest. */
  async #run(rows: readonly (readonly number[])[]): Promise<Float32Array> {
    // The graph takes the number of rows from the last coordinate: an empty last row would vanish.
    const padded = rows.at(-1)?.length ? rows : [...rows, [0]];
    const count = padded.reduce((total, ids) => total + ids.length, 0);
    const indices = new Int32Array(count * 2);
    const values = new Int32Array(count);
    let at = 0;
    for (const [row, ids] of padded.entries()) {
      for (const [column, id] of ids.entries()) {
        indices[at * 2] = row;
        indices[at * 2 + 1] = column;
        values[at++] = id;
      }
    }
    const [output] = await this.session.run({
      indices: { shape: [count, 2], data: indices },
      values: { shape: [count], data: values },
    });
    return output?.data as Float32Array;
  }
}
