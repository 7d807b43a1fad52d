import type { Encoder } from '@nearfield/engine/encoder';
import type { ModelRepository } from '../../hub/model-repository.js';
import type { MediaArchitecture } from './architecture.js';
import { MediaEncoder, type MediaKind } from './media-encoder.js';
import { MediaModel } from './media-model.js';
import { resolveDimensions, type HfMediaOptions } from './media-options.js';
import type { Blank } from './tower-data.js';

/** Texts that go through a model at once. */
const TEXT_BATCH_SIZE = 32;

export interface MediaEncoderPlan<Task extends object> {
  readonly name: string;
  /** Changes whenever preprocessing changes an embedding. */
  readonly version: string;
  readonly architecture: MediaArchitecture;
  /** Stand-ins for the inputs of images or sounds. */
  readonly blanks: Readonly<Record<string, Blank>>;
  readonly media: MediaKind<Task>;
  /** Further options that change embeddings. */
  readonly more?: object;
}

/** The encoder of a model whose configuration was read. Throws INVALID_ARGUMENT and MODEL_NOT_FOUND. */
export async function createMediaEncoder<Task extends object>(
  repository: ModelRepository,
  { dimensions: wanted, batchSize = TEXT_BATCH_SIZE, precision = 'fp32', threads }: HfMediaOptions,
  { name, version, architecture, blanks, media, more }: MediaEncoderPlan<Task>,
): Promise<Encoder> {
  const dimensions = resolveDimensions(wanted, architecture.dimensions, name);
  const model = await MediaModel.find(repository, architecture, { name, precision, dimensions, media: blanks });
  const options = Object.freeze({ precision, dimensions, ...more });
  const identity = Object.freeze({ name, version, checksum: model.checksum, options });
  const readsText = architecture.text !== undefined;
  return new MediaEncoder<Task>({ identity, dimensions, readsText, model, media, textBatchSize: batchSize, threads });
}
