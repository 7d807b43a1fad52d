import type { HuggingFaceTokenizer } from '../../preprocess/text/hugging-face-tokenizer.js';
import { loadTokenizer } from '../hf-text/text-model.js';
import type { OpenTowers } from './open-tower.js';
import type { TextTowerData } from './tower-data.js';
import { inRows, unitVector } from './unit-vector.js';

/** Texts for the text side of a model. */
export interface TextTask {
  readonly kind: 'texts';
  readonly texts: readonly string[];
  readonly tower: TextTowerData;
}

/** The text side of a model in a worker. The tokenizer is loaded with the first texts. */
export class TextTower {
  #tokenizer: Promise<HuggingFaceTokenizer> | undefined;

  constructor(private readonly towers: OpenTowers) {}

  /** Embeddings of length 1, of shape [texts, dimensions]. */
  async embed({ texts, tower }: TextTask): Promise<Float32Array> {
    this.#tokenizer ??= loadTokenizer(tower, tower.window).catch((error: unknown) => {
      this.#tokenizer = undefined;
      throw error;
    });
    const tokenizer = await this.#tokenizer;
    const rows = texts.map((text) => tokenizer.encode(tower.lowercase ? text.toLowerCase() : text));
    const length = tower.padding === 'window' ? tower.window : Math.max(...rows.map((ids) => ids.length));
    const shape = [rows.length, length];
    const ids = new BigInt64Array(rows.length * length).fill(BigInt(tokenizer.padding));
    // Models that were trained with padded texts see the padding.
    const mask = new BigInt64Array(rows.length * length).fill(tower.padding === 'window' ? 1n : 0n);
    for (const [row, tokens] of rows.entries()) {
      ids.set(tokens.map(BigInt), row * length);
      mask.fill(1n, row * length, row * length + tokens.length);
    }
    const open = await this.towers.open(tower);
    const feeds = {
      input_ids: { shape, data: ids },
      attention_mask: { shape, data: mask },
      token_type_ids: { shape, data: new BigInt64Array(ids.length) },
    };
    const embeddings = await open.run(feeds, rows.length);
    return inRows(embeddings.map((embedding) => unitVector(embedding, tower.dimensions)));
  }
}
