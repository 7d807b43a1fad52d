import type { Reading } from './reading.js';

/** One side of a model: its ONNX file and what to read from it. */
export interface Tower {
  /** Names of the file without folder, precision and ending; the first that the repository has is used. */
  readonly stems: readonly string[];
  /** The first whose output the graph has is used. */
  readonly readings: readonly Reading[];
}

/** The text side of a model whose space is shared. */
export interface TextTower extends Tower {
  /** Tokens that the model reads, with the special ones. */
  readonly window: number;
  /** Whether every text is padded to the window, because the model was trained so, or only to the longest of its batch. */
  readonly padding: 'window' | 'longest';
  /** Whether texts are brought to lower case before the tokenizer, which does not do it itself. */
  readonly lowercase: boolean;
}

export interface MediaArchitecture {
  /** Length of an embedding as the model gives it. */
  readonly dimensions: number;
  readonly media: Tower;
  /** Missing where the model knows no text. */
  readonly text?: TextTower;
}
