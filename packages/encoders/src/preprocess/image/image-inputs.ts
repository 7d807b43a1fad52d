import { describe, NearfieldError, type EncoderInput, type MediaSource } from '@nearfield/engine/encoder';

/** The sources of inputs that must all be images. Throws INVALID_INPUT, naming the encoder and the position. */
export function imageInputs(inputs: readonly EncoderInput[], encoder: string): MediaSource[] {
  return inputs.map((input, position) => {
    if (input?.kind === 'image' && isMediaSource(input.image)) return input.image;
    throw new NearfieldError('INVALID_INPUT', `Input ${position} cannot be encoded by ${encoder}`, {
      expected: "{ kind: 'image', image: a path, a file: URL or bytes }",
      received: received(input),
      record: position,
      field: `inputs[${position}]`,
    });
  });
}

function isMediaSource(value: unknown): boolean {
  return typeof value === 'string' || value instanceof URL || value instanceof Uint8Array;
}

function received(input: EncoderInput | undefined): string {
  if (typeof input !== 'object' || input === null) return describe(input);
  return input.kind === 'image' ? `image: ${describe(input.image)}` : `kind: ${describe(input.kind)}`;
}
