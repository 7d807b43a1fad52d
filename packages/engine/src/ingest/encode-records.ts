import type { Encoded, Encoder, EncoderInput } from '../encoder/encoder.js';
import type { NearfieldError } from '../errors/index.js';
import type { CollectionSchema, EncodedVector, RecordId } from '../schema/index.js';
import type { CheckedRecord } from './check-record.js';
import { combine, type Part } from './combine.js';
import { encode, encodeReadable, isEmpty } from './encode-inputs.js';
import type { EncoderOf } from './encoder-bindings.js';
import { recordInputs, type TextOrigin } from './encoder-inputs.js';
import { cutTexts, toFieldSpan, tooManyPassages } from './text-passages.js';
import type { Slot, VectorEncoder } from './vector-encoder.js';

/** A record with all its vectors, ready to be committed. Several dense vectors in one space follow one another. */
export interface EncodedRecord {
  readonly id: RecordId;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly vectors: ReadonlyMap<string, Encoded>;
  /**
   * For each vector of which the record has several, made of the passages of a text: three numbers for each passage, the
   * place of its field in `from`, its start and its end (UTF-16 units).
   */
  readonly passages?: ReadonlyMap<string, Uint32Array<ArrayBuffer>>;
}

export interface EncodeRecordsOptions {
  readonly signal?: AbortSignal;
  /** The vectors to make. Default: all. */
  readonly only?: ReadonlySet<string>;
  /** Takes a record that cannot be encoded, by position, which is then left out. Without it, that is an error. */
  readonly onFailure?: (record: number, error: NearfieldError) => void;
}

/** One thing to encode for a record: a field, or a passage of its text. */
interface Job {
  readonly record: number;
  readonly slot: Slot;
  readonly input: EncoderInput;
  /** Of a passage: see EncodedRecord. */
  readonly span?: readonly [number, number, number];
}

interface Made {
  readonly job: Job;
  readonly embedding: Encoded;
}

interface Draft {
  readonly vectors: Map<string, Encoded>;
  passages?: Map<string, Uint32Array<ArrayBuffer>>;
}

/** Makes the vectors that the schema derives from fields. One call an encoder and vector. */
export async function encodeRecords(
  records: readonly CheckedRecord[],
  schema: CollectionSchema,
  encoderOf: EncoderOf,
  options: EncodeRecordsOptions = {},
): Promise<EncodedRecord[]> {
  const drafts = records.map(({ vectors }): Draft => ({ vectors: new Map(vectors) }));
  const failed = new Map<number, NearfieldError>();
  const report = (record: number, error: NearfieldError): void => {
    if (options.onFailure === undefined) throw error;
    if (!failed.has(record)) failed.set(record, error);
  };
  const spaces = Object.entries(schema.vectors).filter(([name]) => options.only?.has(name) ?? true);
  await Promise.all(
    spaces.map(async ([name, vector]) => {
      if (vector.kind !== 'encoded') return;
      const work = new VectorWork(name, vector, records, schema, report, options);
      await work.run(encoderOf, drafts);
    }),
  );
  for (const [record, error] of failed) options.onFailure?.(record, error);
  const encoded = records.map(({ id, payload }, i) => ({ id, payload, ...drafts[i] }));
  return failed.size === 0 ? encoded : encoded.filter((_, i) => !failed.has(i));
}

/** The making of one vector for a batch of records. */
class VectorWork {
  constructor(
    readonly name: string,
    readonly vector: EncodedVector,
    readonly records: readonly CheckedRecord[],
    readonly schema: CollectionSchema,
    readonly report: (record: number, error: NearfieldError) => void,
    readonly options: EncodeRecordsOptions,
  ) {}

  async run(encoderOf: EncoderOf, drafts: readonly Draft[]): Promise<void> {
    const inputs = this.records.map(({ payload }) => recordInputs(this.vector, payload, this.schema.fields));
    if (inputs.every(({ length }) => length === 0)) return;
    const encoder = await encoderOf(this.name);
    const jobs = inputs.flatMap((ofRecord, record) =>
      ofRecord.map(({ input, field, origins }) => ({ record, slot: encoder.slot(field), input, origins })),
    );
    const made = await this.#encode(await this.#passages(encoder, jobs));
    for (const [record, parts] of made) this.#complete(encoder, drafts[record], parts);
  }

  /** The jobs, those of long texts as one for each passage. */
  async #passages(
    { shared }: VectorEncoder,
    jobs: readonly (Job & { readonly origins: readonly TextOrigin[] })[],
  ): Promise<readonly Job[]> {
    if (!this.vector.passages || shared?.passages === undefined || shared.output.kind === 'sparse') return jobs;
    const { dimensions } = shared.output;
    const texts = jobs.map(({ input }) => (input.kind === 'text' ? input.text : ''));
    const spans = await cutTexts(shared as Encoder & Required<Pick<Encoder, 'passages'>>, texts, this.options.signal);
    return jobs.flatMap((job, i): Job[] => {
      const refusal = tooManyPassages(spans[i].length, dimensions, this.records[job.record].id);
      if (refusal !== undefined) {
        this.report(job.record, refusal);
        return [];
      }
      if (spans[i].length === 1) return [job];
      return spans[i].map((span) => ({
        ...job,
        input: { kind: 'text', text: texts[i].slice(span.start, span.end) },
        span: toFieldSpan(span, job.origins),
      }));
    });
  }

  /** What came of the jobs, by record; embeddings that say nothing are left out. */
  async #encode(jobs: readonly Job[]): Promise<Map<number, Made[]>> {
    const byEncoder = new Map<Encoder, number[]>();
    for (const [i, { slot }] of jobs.entries()) {
      const places = byEncoder.get(slot.encoder);
      if (places === undefined) byEncoder.set(slot.encoder, [i]);
      else places.push(i);
    }
    const embeddings: (Encoded | undefined)[] = Array.from({ length: jobs.length });
    await Promise.all(
      Array.from(byEncoder, async ([encoder, places]) => {
        const encoded = await this.#encodeBy(
          encoder,
          places.map((i) => jobs[i]),
        );
        for (const [i, place] of places.entries()) embeddings[place] = encoded[i];
      }),
    );
    const made = new Map<number, Made[]>();
    for (const [i, job] of jobs.entries()) {
      const embedding = embeddings[i];
      if (embedding === undefined || isEmpty(embedding)) continue;
      const ofRecord = made.get(job.record);
      if (ofRecord === undefined) made.set(job.record, [{ job, embedding }]);
      else ofRecord.push({ job, embedding });
    }
    return made;
  }

  #encodeBy(encoder: Encoder, jobs: readonly Job[]): Promise<(Encoded | undefined)[]> {
    const inputs = jobs.map(({ input }) => input);
    const ids = jobs.map(({ record }) => this.records[record].id);
    const options = { role: 'document', signal: this.options.signal } as const;
    if (this.options.onFailure === undefined) return encode(encoder, inputs, options, ids);
    return encodeReadable(encoder, inputs, options, (i, error) => this.report(jobs[i].record, error.ofRecord(ids[i])));
  }

  #complete({ output }: VectorEncoder, draft: Draft, parts: readonly Made[]): void {
    const { vectors } = draft;
    const [{ job, embedding }] = parts;
    if (output.kind === 'sparse' || !(embedding instanceof Float32Array)) {
      vectors.set(this.name, embedding);
      return;
    }
    if (job.span !== undefined) {
      vectors.set(this.name, concatenated(parts.map(({ embedding }) => embedding as Float32Array)));
      if (parts.length === 1) return;
      draft.passages ??= new Map();
      draft.passages.set(this.name, Uint32Array.from(parts.flatMap(({ job }) => job.span!)));
      return;
    }
    const dense = parts.map(({ job, embedding }): Part => ({ slot: job.slot, embedding: embedding as Float32Array }));
    const combined = combine(this.vector.combine, dense, output.dimensions, output.metric);
    if (!isEmpty(combined)) vectors.set(this.name, combined);
  }
}

function concatenated(vectors: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(vectors.reduce((length, vector) => length + vector.length, 0));
  let at = 0;
  for (const vector of vectors) {
    all.set(vector, at);
    at += vector.length;
  }
  return all;
}
