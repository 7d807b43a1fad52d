import { describe, NearfieldError, type EncoderInput } from '@nearfield/engine/encoder';

/** The texts of inputs that must all be text. Throws INVALID_INPUT, naming the encoder and the position. */
export function textInputs(inputs: readonly EncoderInput[], encoder: string): string[] {
  return inputs.map((input, position) => {
    if (input?.kind === 'text' && typeof input.text === 'string') return input.text;
    throw new NearfieldError('INVALID_INPUT', `Input ${position} cannot be encoded by ${encoder}`, {
      expected: "{ kind: 'text', text: string }",
      received: received(input),
      record: position,
      field: `inputs[${position}]`,
    });
  });
}

function received(input: EncoderInput | undefined): string {
  if (typeof input !== 'object' || input === null) return describe(input);
  return input.kind === 'text' ? `text: ${describe(input.text)}` : `kind: ${describe(input.kind)}`;
}
