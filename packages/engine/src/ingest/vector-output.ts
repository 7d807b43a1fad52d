import { MAX_DIMENSIONS } from '../distance/index.js';
import type { EncoderOutput } from '../encoder/encoder.js';
import { NearfieldError } from '../errors/index.js';
import { modalityOf } from './check-encoder.js';
import type { VectorEncoder } from './vector-encoder.js';

/** Throws INVALID_SCHEMA unless the encoder of each field takes what the field holds. */
export function checkAcceptsFields(name: string, encoder: VectorEncoder): void {
  for (const field of encoder.vector.from) {
    const { type } = encoder.fields[field];
    const { accepts, identity } = encoder.slot(field).encoder;
    const modality = modalityOf(type);
    if (modality !== undefined && accepts.includes(modality)) continue;
    throw new NearfieldError('INVALID_SCHEMA', `Encoder ${identity.name} cannot encode field \`${field}\``, {
      field: name,
      expected: accepts.join(' or '),
      received: type,
    });
  }
}

/** Throws INVALID_SCHEMA unless the embeddings of the fields can be combined. */
export function checkCombines(name: string, encoder: VectorEncoder): void {
  const { from, combine } = encoder.vector;
  if (combine === 'join') return;
  const refuse = (why: string, expected: string, received: string): never => {
    throw new NearfieldError('INVALID_SCHEMA', `The embeddings of vector \`${name}\` cannot be combined: ${why}`, {
      field: name,
      expected,
      received,
    });
  };
  const outputs = from.map((field) => encoder.slot(field).encoder.output);
  const [first] = outputs;
  for (const output of outputs) {
    if (output.kind === 'sparse' || first.kind === 'sparse') return refuse('not all are dense', 'dense ones', 'sparse');
    if (output.metric !== first.metric) return refuse('their metrics differ', first.metric, output.metric);
    if (combine !== 'concat' && output.dimensions !== first.dimensions) {
      return refuse('their sizes differ', `${first.dimensions} dimensions each`, String(output.dimensions));
    }
  }
  const { dimensions } = encoder.output as Extract<EncoderOutput, { kind: 'dense' }>;
  if (dimensions > MAX_DIMENSIONS)
    refuse('they are too long', `at most ${MAX_DIMENSIONS} dimensions`, String(dimensions));
}
