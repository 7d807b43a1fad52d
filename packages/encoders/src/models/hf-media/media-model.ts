import { NearfieldError } from '@nearfield/engine/encoder';
import {
  findModelFiles,
  modelChecksum,
  obtainModelFiles,
  type LocalModel,
  type ModelFiles,
  type Precision,
} from '../../hub/model-file.js';
import type { ModelRepository } from '../../hub/model-repository.js';
import type { MediaArchitecture, TextTower, Tower } from './architecture.js';
import type { Blank, TextTowerData, TowerData } from './tower-data.js';

/** Files that change embeddings besides the weights, where they exist. */
const OTHER_FILES = [
  'config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];

export interface MediaModelData {
  /** Name of the encoder, for messages. */
  readonly name: string;
  /** Numbers of an embedding that are kept. */
  readonly dimensions: number;
  /** Stand-ins for the inputs of images or sounds. */
  readonly media: Readonly<Record<string, Blank>>;
}

/** The files of the sides of a model, found but not downloaded before a side is used. */
export class MediaModel {
  #media: Promise<TowerData> | undefined;
  #text: Promise<TextTowerData> | undefined;

  private constructor(
    private readonly repository: ModelRepository,
    private readonly architecture: MediaArchitecture,
    private readonly data: MediaModelData,
    private readonly mediaFiles: ModelFiles,
    private readonly textFiles: ModelFiles | undefined,
    /** SHA-256 (hex) of everything that changes embeddings. */
    readonly checksum: string,
  ) {}

  /** Throws MODEL_NOT_FOUND and what the repository throws. */
  static async find(
    repository: ModelRepository,
    architecture: MediaArchitecture,
    data: MediaModelData & { readonly precision: Precision },
  ): Promise<MediaModel> {
    const media = await findTower(repository, architecture.media, data.precision);
    const text = architecture.text && (await findTower(repository, architecture.text, data.precision));
    const parts = text === undefined || text.model === media.model ? [media] : [media, text];
    const files = { model: media.model, data: parts.flatMap(({ model, data }) => [model, ...data]).slice(1) };
    const checksum = await modelChecksum(repository, files, OTHER_FILES);
    return new MediaModel(repository, architecture, data, media, text, checksum);
  }

  /** Downloads the side of images or sounds if need be. */
  mediaTower(): Promise<TowerData> {
    // A failure is not kept: the hub may be in reach next time.
    this.#media ??= this.#obtainMedia().catch((error: unknown) => {
      this.#media = undefined;
      throw error;
    });
    return this.#media;
  }

  /** Downloads the side of texts if need be. Throws MODEL_INVALID for a model without one. */
  textTower(): Promise<TextTowerData> {
    this.#text ??= this.#obtainText().catch((error: unknown) => {
      this.#text = undefined;
      throw error;
    });
    return this.#text;
  }

  async #obtainMedia(): Promise<TowerData> {
    return this.#tower(await obtainModelFiles(this.repository, this.mediaFiles), this.architecture.media);
  }

  async #obtainText(): Promise<TextTowerData> {
    const { text } = this.architecture;
    if (text === undefined || this.textFiles === undefined) {
      throw new NearfieldError('MODEL_INVALID', `Model ${this.repository.name} reads no text`);
    }
    const [local, tokenizer] = await Promise.all([
      obtainModelFiles(this.repository, this.textFiles),
      this.repository.file('tokenizer.json'),
    ]);
    const hasConfig = await this.repository.has('tokenizer_config.json');
    const tokenizerConfig = hasConfig ? await this.repository.file('tokenizer_config.json') : undefined;
    const { lowercase, padding, window } = text;
    return { ...this.#tower(local, text), tokenizer, tokenizerConfig, lowercase, padding, window };
  }

  #tower({ path, size }: LocalModel, { readings }: Tower): TowerData {
    const { name, media, dimensions } = this.data;
    const { dimensions: width, text } = this.architecture;
    return {
      name,
      model: path,
      size,
      readings,
      blanks: { ...media, ...(text && textBlanks(text)) },
      width,
      dimensions,
    };
  }
}

/** Tries the names of the file in their order; the first failure is told when none exists. */
async function findTower(repository: ModelRepository, { stems }: Tower, precision: Precision): Promise<ModelFiles> {
  let failure: unknown;
  for (const stem of stems) {
    try {
      return await findModelFiles(repository, { precision, stem });
    } catch (error) {
      if (!(error instanceof NearfieldError && error.code === 'MODEL_NOT_FOUND')) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

function textBlanks({ padding, window }: TextTower): Record<string, Blank> {
  const shape = [1, padding === 'window' ? window : 2];
  return {
    input_ids: { shape, value: 0, type: 'int64' },
    attention_mask: { shape, value: 1, type: 'int64' },
    token_type_ids: { shape, value: 0, type: 'int64' },
  };
}
