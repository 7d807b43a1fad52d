import {
  describe,
  NearfieldError,
  type EncoderInput,
  type MediaSource,
  type Modality,
} from '@nearfield/engine/encoder';
import { isMediaSource } from '../../preprocess/media/input-media.js';

/** An input by its position: either a text or a source. */
export interface SortedInput {
  readonly position: number;
  readonly text?: string;
  readonly source?: MediaSource;
}

const EXPECTED: Readonly<Record<Modality, string>> = {
  text: "{ kind: 'text', text: string }",
  image: "{ kind: 'image', image: a path, a file: URL or bytes }",
  audio: "{ kind: 'audio', audio: a path, a file: URL or bytes }",
};

/** Inputs of the accepted kinds. Throws INVALID_INPUT, naming the encoder and the position. */
export function sortInputs(
  inputs: readonly EncoderInput[],
  accepts: readonly Modality[],
  encoder: string,
): SortedInput[] {
  return inputs.map((input, position) => {
    const sorted = accepts.includes(input?.kind) ? sortInput(input, position) : undefined;
    if (sorted !== undefined) return sorted;
    throw new NearfieldError('INVALID_INPUT', `Input ${position} cannot be encoded by ${encoder}`, {
      expected: accepts.map((kind) => EXPECTED[kind]).join(' or '),
      received: typeof input === 'object' && input !== null ? `kind: ${describe(input.kind)}` : describe(input),
      record: position,
      field: `inputs[${position}]`,
    });
  });
}

function sortInput(input: EncoderInput, position: number): SortedInput | undefined {
  switch (input.kind) {
    case 'text':
      return typeof input.text === 'string' ? { position, text: input.text } : undefined;
    case 'image':
      return isMediaSource(input.image) ? { position, source: input.image } : undefined;
    case 'audio':
      return isMediaSource(input.audio) ? { position, source: input.audio } : undefined;
    default: {
      const other: never = input;
      return other;
    }
  }
}
