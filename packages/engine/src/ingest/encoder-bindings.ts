import type { Encoder, EncoderIdentity, EncoderRegistry } from '../encoder/encoder.js';
import { NearfieldError } from '../errors/index.js';
import type { CollectionSchema } from '../schema/index.js';
import { checkEncoder, modalityOf } from './check-encoder.js';
import type { NewSpace, StoredSpace } from '../store/index.js';

export type RegistryOf = () => Promise<EncoderRegistry>;

/** The encoders of a collection's vectors: given as objects in the schema, or found by name. */
export class EncoderBindings {
  readonly #resolved = new Map<string, Promise<Encoder>>();
  /** The encoders that wrote the vectors, once they are known. */
  readonly #writers = new Map<string, EncoderIdentity>();

  constructor(
    readonly schema: CollectionSchema,
    readonly given: ReadonlyMap<string, Encoder>,
    readonly registry: RegistryOf,
  ) {}

  /** The encoder of a vector that has one. */
  get(vector: string): Promise<Encoder> {
    let encoder = this.#resolved.get(vector);
    if (encoder === undefined) {
      this.#resolved.set(vector, (encoder = this.#resolve(vector)));
      // What is not there now may be there later.
      encoder.catch(() => this.#resolved.delete(vector));
    }
    return encoder;
  }

  /** Takes encoders that a later opener brings, which have been verified, for vectors that had none. */
  adopt(given: ReadonlyMap<string, Encoder>): void {
    for (const [vector, encoder] of given) {
      if (!this.given.has(vector)) this.#resolved.set(vector, Promise.resolve(encoder));
    }
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
      this.#checkAccepts(name, encoder);
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

  async #resolve(vector: string): Promise<Encoder> {
    const encoder = await this.#find(vector);
    this.#checkWriter(vector, encoder);
    return encoder;
  }

  async #find(vector: string): Promise<Encoder> {
    const given = this.given.get(vector);
    if (given !== undefined) return checkEncoder(vector, given);
    const space = this.schema.vectors[vector];
    if (space?.kind !== 'encoded') {
      throw new NearfieldError('UNKNOWN_VECTOR', `Vector \`${vector}\` has no encoder`, { field: vector });
    }
    return checkEncoder(vector, await (await this.registry()).resolve(space.encoder));
  }

  #checkWriter(vector: string, { identity }: Encoder): void {
    const writer = this.#writers.get(vector);
    if (writer === undefined || sameIdentity(writer, identity)) return;
    throw new NearfieldError('ENCODER_MISMATCH', `Vector \`${vector}\` was written by another encoder`, {
      field: vector,
      expected: JSON.stringify(writer),
      received: JSON.stringify(identity),
    });
  }

  #checkAccepts(name: string, { identity, accepts }: Encoder): void {
    const vector = this.schema.vectors[name];
    if (vector.kind !== 'encoded') return;
    const kinds = vector.from.map((field) => this.schema.fields[field].type);
    for (const [i, type] of kinds.entries()) {
      const modality = modalityOf(type);
      if (modality !== undefined && accepts.includes(modality)) continue;
      throw new NearfieldError('INVALID_SCHEMA', `Encoder ${identity.name} cannot encode field \`${vector.from[i]}\``, {
        field: name,
        expected: accepts.join(' or '),
        received: type,
      });
    }
  }
}

function sameIdentity(a: EncoderIdentity, b: EncoderIdentity): boolean {
  return identityKey(a) === identityKey(b);
}

function identityKey({ name, version, checksum, options }: EncoderIdentity): string {
  return JSON.stringify([name, version, checksum, sortedEntries(options)]);
}

function sortedEntries(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedEntries);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, member]) => [key, sortedEntries(member)]);
}
