import type { Encoder, EncoderIdentity, EncoderRegistry } from '../encoder/encoder.js';
import { NearfieldError } from '../errors/index.js';
import type { CollectionSchema } from '../schema/index.js';
import type { NewSpace, StoredSpace } from '../store/index.js';
import { checkEncoder } from './check-encoder.js';
import { sameIdentity } from './encoder-identity.js';
import type { GivenEncoders } from './given-encoders.js';
import { checkAcceptsFields, checkCombines } from './vector-output.js';
import { VectorEncoder } from './vector-encoder.js';

export type RegistryOf = () => Promise<EncoderRegistry>;

export type EncoderOf = (vector: string) => Promise<VectorEncoder>;

/** The encoders of a collection's vectors: given as objects in the schema, or found by name. */
export class EncoderBindings {
  readonly #resolved = new Map<string, Promise<VectorEncoder>>();
  /** The encoders that wrote the vectors, once they are known. */
  readonly #writers = new Map<string, EncoderIdentity>();

  constructor(
    readonly schema: CollectionSchema,
    readonly given: GivenEncoders,
    readonly registry: RegistryOf,
  ) {}

  /** The encoders of a vector that has some. */
  get(vector: string): Promise<VectorEncoder> {
    return this.#resolved.get(vector) ?? this.#bind(vector, this.given);
  }

  /** Takes encoders that a later opener brings, which have been verified, for vectors that had none. */
  adopt(given: GivenEncoders): void {
    for (const vector of given.keys()) if (!this.given.has(vector)) void this.#bind(vector, given);
  }

  #bind(vector: string, given: GivenEncoders): Promise<VectorEncoder> {
    const encoder = this.#resolve(vector, given);
    this.#resolved.set(vector, encoder);
    // What is not there now may be there later.
    encoder.catch(() => this.#resolved.delete(vector));
    return encoder;
  }

  /** The vector spaces of a new collection. */
  async describe(): Promise<NewSpace[]> {
    const spaces: NewSpace[] = [];
    for (const [name, vector] of Object.entries(this.schema.vectors)) {
      if (vector.kind === 'given') {
        const { dimensions, metric } = vector;
        spaces.push({ name, kind: 'dense', dimensions, metric, encoder: undefined });
        continue;
      }
      const encoder = await this.get(name);
      checkAcceptsFields(name, encoder);
      checkCombines(name, encoder);
      const { identity, output } = encoder;
      if (output.kind === 'sparse') spaces.push({ name, kind: 'sparse', encoder: identity });
      else
        spaces.push({ name, kind: 'dense', dimensions: output.dimensions, metric: output.metric, encoder: identity });
    }
    return spaces;
  }

  /**
   * Throws ENCODER_MISMATCH when a vector was written by another encoder than the one bound to it now. An encoder that
   * cannot be found now is no mismatch: it is missed, or held against the one that wrote, when a text has to be encoded.
   */
  async verify(spaces: readonly StoredSpace[]): Promise<void> {
    for (const { name, encoder } of spaces) {
      if (encoder === undefined) continue;
      this.#writers.set(name, encoder);
      const bound = await this.get(name).catch((error: unknown) => {
        if (error instanceof NearfieldError && error.code === 'ENCODER_MISMATCH') throw error;
      });
      if (bound !== undefined) this.#checkWriter(name, bound);
    }
  }

  async #resolve(vector: string, given: GivenEncoders): Promise<VectorEncoder> {
    const space = this.schema.vectors[vector];
    if (space?.kind !== 'encoded') {
      throw new NearfieldError('UNKNOWN_VECTOR', `Vector \`${vector}\` has no encoder`, { field: vector });
    }
    const encoders = new Map<string, Encoder>();
    for (const field of space.from) {
      const name = typeof space.encoder === 'string' ? space.encoder : space.encoder[field];
      const found = given.get(vector)?.get(field) ?? (await (await this.registry()).resolve(name));
      encoders.set(field, checkEncoder(vector, found));
    }
    const encoder = new VectorEncoder(space, this.schema.fields, encoders);
    this.#checkWriter(vector, encoder);
    return encoder;
  }

  #checkWriter(vector: string, { identity }: VectorEncoder): void {
    const writer = this.#writers.get(vector);
    if (writer === undefined || sameIdentity(writer, identity)) return;
    throw new NearfieldError('ENCODER_MISMATCH', `Vector \`${vector}\` was written by another encoder`, {
      field: vector,
      expected: JSON.stringify(writer),
      received: JSON.stringify(identity),
    });
  }
}
