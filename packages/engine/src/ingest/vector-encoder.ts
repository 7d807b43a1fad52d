import { createHash } from 'node:crypto';
import type { Encoder, EncoderIdentity, EncoderOutput, Modality } from '../encoder/encoder.js';
import { NearfieldError } from '../errors/index.js';
import type { EncodedVector, Field } from '../schema/index.js';
import { modalityOf } from './check-encoder.js';
import { identityKey } from './encoder-identity.js';

/** What one field, or one input of a query, is to a vector that is combined of several. */
export interface Slot {
  readonly encoder: Encoder;
  readonly weight: number;
  /** The component at which its embedding begins in a concatenation. */
  readonly offset: number;
}

/** The encoders of one vector: one for all its fields, or one for each. */
export class VectorEncoder {
  /** What wrote the vector; of several encoders, all of them together. */
  readonly identity: EncoderIdentity;
  /** The one encoder of all fields, if it is one. */
  readonly shared: Encoder | undefined;
  /** What the vector is, as long as its embeddings can be combined (see vector-output.ts). */
  readonly output: EncoderOutput;
  readonly #slots = new Map<string, Slot>();

  /** @param encoders by field, each checked */
  constructor(
    readonly vector: EncodedVector,
    readonly fields: Readonly<Record<string, Field>>,
    encoders: ReadonlyMap<string, Encoder>,
  ) {
    const first = encoders.get(vector.from[0])!;
    this.shared = typeof vector.encoder === 'string' ? first : undefined;
    this.identity = this.shared?.identity ?? together(encoders);
    let offset = 0;
    for (const field of vector.from) {
      const encoder = encoders.get(field)!;
      this.#slots.set(field, { encoder, weight: vector.weights[field] ?? 1, offset });
      if (encoder.output.kind === 'dense') offset += encoder.output.dimensions;
    }
    const isConcatenation = vector.combine === 'concat' && first.output.kind === 'dense';
    this.output = isConcatenation ? { ...first.output, dimensions: offset } : first.output;
  }

  /** How far to trust the ranking: of several encoders, the mean of what they declare. */
  get strength(): number {
    const all = [...this.#slots.values()].map(({ encoder }) => encoder.strength ?? 1);
    return all.reduce((sum, strength) => sum + strength, 0) / all.length;
  }

  slot(field: string): Slot {
    return this.#slots.get(field)!;
  }

  /** Whether a query may give inputs of that kind. */
  takes(kind: Modality): boolean {
    return this.#slotsOfKind(kind).length > 0 || this.#elsewhere?.accepts.includes(kind) === true;
  }

  /**
   * What an input of a query stands for: each field of its kind; where there is none, it is a part of its own in the one
   * encoder's space. Throws INVALID_QUERY when the vector has no place for it.
   */
  slotsFor(name: string, kind: Modality): Slot[] {
    const slots = this.#slotsOfKind(kind);
    if (slots.length > 0) return this.vector.combine === 'join' ? slots.slice(0, 1) : slots;
    if (this.#elsewhere !== undefined) return [{ encoder: this.#elsewhere, weight: 1, offset: 0 }];
    throw new NearfieldError('INVALID_QUERY', `Vector \`${name}\` has no part for ${kind}`, {
      field: name,
      expected: [...new Set(this.vector.from.map((field) => modalityOf(this.fields[field].type)))].join(' or '),
      received: kind,
    });
  }

  /** The encoder of inputs that are no field's. */
  get #elsewhere(): Encoder | undefined {
    return this.vector.combine === 'concat' ? undefined : this.shared;
  }

  #slotsOfKind(kind: Modality): Slot[] {
    const fields = this.vector.from.filter((field) => modalityOf(this.fields[field].type) === kind);
    return fields.map((field) => this.slot(field));
  }
}

/** One identity for several encoders: another one in the place of any of them makes another identity. */
function together(encoders: ReadonlyMap<string, Encoder>): EncoderIdentity {
  const identities = Array.from(encoders, ([field, { identity }]) => [field, identity] as const);
  const keys = identities.map(([field, identity]) => [field, identityKey(identity)]);
  return {
    name: [...new Set(identities.map(([, { name }]) => name))].join(' + '),
    version: '1',
    checksum: createHash('sha256').update(JSON.stringify(keys)).digest('hex'),
    options: Object.fromEntries(identities),
  };
}
