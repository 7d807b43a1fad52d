import type { GraphFile, TokenizerFiles } from '../hf-text/text-model.js';
import type { Reading } from './reading.js';

/** A stand-in for an input of a graph that has both sides in one file, when only the other side is wanted. */
export interface Blank {
  readonly shape: readonly number[];
  readonly value: 0 | 1;
  readonly type: 'float32' | 'int64';
}

/** What a worker needs to know of one side of a model. Plain data. */
export interface TowerData extends GraphFile {
  /** Bytes of the file and its external data. */
  readonly size: number;
  readonly readings: readonly Reading[];
  readonly blanks: Readonly<Record<string, Blank>>;
  /** Numbers of an embedding as the model gives it. */
  readonly width: number;
  /** Numbers of an embedding that are kept. */
  readonly dimensions: number;
}

export interface TextTowerData extends TowerData, TokenizerFiles {
  readonly lowercase: boolean;
  readonly padding: 'window' | 'longest';
  readonly window: number;
}
