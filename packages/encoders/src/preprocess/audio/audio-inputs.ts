import { describe, NearfieldError, type EncoderInput, type MediaSource } from '@nearfield/engine/encoder';

/** The sounds of inputs that must all be sound. Throws INVALID_INPUT, naming the encoder and the position. */
export function audioInputs(inputs: readonly EncoderInput[], encoder: string): MediaSource[] {
  return inputs.map((input, position) => {
    if (input?.kind === 'audio' && isSource(input.audio)) return input.audio;
    throw new NearfieldError('INVALID_INPUT', `Input ${position} cannot be encoded by ${encoder}`, {
      expected: "{ kind: 'audio', audio: a path, a file: URL, or bytes }",
      received: received(input),
      record: position,
      field: `inputs[${position}]`,
    });
  });
}

function isSource(source: unknown): boolean {
  return typeof source === 'string' || source instanceof URL || source instanceof Uint8Array;
}

function received(input: EncoderInput | undefined): string {
  if (typeof input !== 'object' || input === null) return describe(input);
  return input.kind === 'audio' ? `audio: ${describe(input.audio)}` : `kind: ${describe(input.kind)}`;
}
