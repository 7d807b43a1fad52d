import { describe, NearfieldError, type EncoderInput, type MediaSource } from '@nearfield/engine/encoder';

const EXPECTED = {
  image: "{ kind: 'image', image: a path, a file: URL or bytes }",
  audio: "{ kind: 'audio', audio: a path, a file: URL or bytes }",
} as const;

/** The sources of inputs that must all be of one kind. Throws INVALID_INPUT, naming the encoder and the position. */
export function inputMedia(
  inputs: readonly EncoderInput[],
  kind: 'image' | 'audio',
  encoder: string,
): readonly MediaSource[] {
  return inputs.map((input, position) => {
    const source = input?.kind === kind ? sourceOf(input) : undefined;
    if (isMediaSource(source)) return source;
    throw new NearfieldError('INVALID_INPUT', `Input ${position} cannot be encoded by ${encoder}`, {
      expected: EXPECTED[kind],
      received: received(input, kind),
      record: position,
      field: `inputs[${position}]`,
    });
  });
}

/** Whether a value is a path, a URL or bytes. */
export function isMediaSource(value: unknown): value is MediaSource {
  return typeof value === 'string' || value instanceof URL || value instanceof Uint8Array;
}

function sourceOf(input: EncoderInput): unknown {
  if (input.kind === 'image') return input.image;
  return input.kind === 'audio' ? input.audio : undefined;
}

function received(input: EncoderInput | undefined, kind: 'image' | 'audio'): string {
  if (typeof input !== 'object' || input === null) return describe(input);
  return input.kind === kind ? `${kind}: ${describe(sourceOf(input))}` : `kind: ${describe(input.kind)}`;
}
