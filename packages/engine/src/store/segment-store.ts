import type Database from 'better-sqlite3';
import { NearfieldError } from '../errors/index.js';
import type { StoredSpace } from './catalog.js';
import { FRAME_PAYLOAD_BYTES, decodeFrame, encodeFrame, type FrameHeader } from './frame.js';
import { guarded } from './sqlite-errors.js';
import { transact } from './transaction.js';

export type DenseSpace = Extract<StoredSpace, { kind: 'dense' }>;

/** The keys from `first` to `last`, both included. */
export type KeyRun = readonly [first: number, last: number];

/** What a sealed segment is, beside its image: plain data, stored as JSON in the segment's first frame. */
export interface SegmentDescription<Header = unknown> {
  /** The keys whose vectors the segment holds, in the order of its vectors: every row of the vector table in these runs. */
  readonly runs: readonly KeyRun[];
  /** Rows of the vector table in the runs. A row may hold several vectors. */
  readonly rows: number;
  /** What the index needs beside its image. */
  readonly index: Header;
}

/** The part of a frame's header that is the same in all frames of a segment. */
export type SegmentParameters = Omit<FrameHeader, 'kind' | 'chunk' | 'chunks' | 'segment'>;

/** The sealed segments of one dense vector space, as frames in the file. */
export class SegmentStore {
  readonly #sql: Database.Database;
  readonly #statements: Readonly<
    Record<
      'list' | 'frame' | 'begin' | 'write' | 'complete' | 'remove' | 'incomplete' | 'dropVector',
      Database.Statement
    >
  >;

  constructor(
    sql: Database.Database,
    readonly space: DenseSpace,
  ) {
    this.#sql = sql;
    this.#statements = {
      list: sql.prepare('SELECT id FROM nf_segments WHERE vector = ? AND complete = 1 ORDER BY id').pluck(),
      frame: sql.prepare('SELECT bytes FROM nf_frames WHERE segment = ? AND number = ?').pluck(),
      begin: sql.prepare('INSERT INTO nf_segments (vector) VALUES (?)'),
      write: sql.prepare('INSERT INTO nf_frames (segment, number, bytes) VALUES (?, ?, ?)'),
      complete: sql.prepare('UPDATE nf_segments SET complete = 1 WHERE id = ?'),
      remove: sql.prepare('DELETE FROM nf_segments WHERE id = ?'),
      incomplete: sql.prepare('SELECT id FROM nf_segments WHERE vector = ? AND complete = 0').pluck(),
      dropVector: sql.prepare(`DELETE FROM nf_dense_${space.id} WHERE key = ?`),
    };
  }

  /** The ids of the segments that are whole. */
  list(): number[] {
    return guarded(() => this.#statements.list.all(this.space.id) as number[]);
  }

  /** Throws CORRUPT when the frame is missing, torn, or of another space. */
  describe<Header>(segment: number): SegmentDescription<Header> {
    const { payload } = this.#frame(segment, 0, 'description');
    return JSON.parse(Buffer.from(payload).toString('utf8')) as SegmentDescription<Header>;
  }

  /** The image of a segment, chunk by chunk, in order. */
  *image(segment: number): Generator<Uint8Array, void, undefined> {
    for (let chunk = 0, chunks = 1; chunk < chunks; chunk++) {
      const { header, payload } = this.#frame(segment, chunk + 1, 'image');
      if (header.chunk !== chunk) throw new NearfieldError('CORRUPT', `Frames of segment ${segment} are out of order`);
      chunks = header.chunks;
      yield payload;
    }
  }

  /**
   * Writes a segment, a frame a transaction, so that no other writer waits long. It does not count until `publish`.
   */
  write(parameters: SegmentParameters, description: SegmentDescription, image: Uint8Array): number {
    const segment = Number(transact(this.#sql, () => this.#statements.begin.run(this.space.id)).lastInsertRowid);
    try {
      this.#writeFrames({ ...parameters, segment }, description, image);
      return segment;
    } catch (error) {
      this.#abandon(segment);
      throw error;
    }
  }

  #writeFrames(
    common: SegmentParameters & { segment: number },
    description: SegmentDescription,
    image: Uint8Array,
  ): void {
    const json = Buffer.from(JSON.stringify(description));
    this.#write(0, { ...common, kind: 'description', chunk: 0, chunks: 1 }, json);
    const chunks = Math.max(1, Math.ceil(image.byteLength / FRAME_PAYLOAD_BYTES));
    for (let chunk = 0; chunk < chunks; chunk++) {
      const payload = image.subarray(chunk * FRAME_PAYLOAD_BYTES, (chunk + 1) * FRAME_PAYLOAD_BYTES);
      this.#write(chunk + 1, { ...common, kind: 'image', chunk, chunks }, payload);
    }
  }

  /** Takes a segment that cannot be finished out of the file; if that fails too, the next opener does. */
  #abandon(segment: number): void {
    try {
      transact(this.#sql, () => this.#statements.remove.run(segment));
    } catch {
      // What made the segment fail is what the caller hears of.
    }
  }

  /**
   * Lets a segment, or nothing, take the place of others, and drops the vectors of dead records that no segment needs any
   * more: one transaction.
   */
  publish(segment: number | undefined, replaced: readonly number[], dropped: Float64Array): void {
    transact(this.#sql, () => {
      if (segment !== undefined) this.#statements.complete.run(segment);
      for (const old of replaced) this.#statements.remove.run(old);
      for (const key of dropped) this.#statements.dropVector.run(key);
    });
  }

  /** Segments that were being written when their writer ended. */
  unfinished(): number[] {
    return guarded(() => this.#statements.incomplete.all(this.space.id) as number[]);
  }

  #write(number: number, header: FrameHeader, payload: Uint8Array): void {
    const bytes = encodeFrame(header, payload);
    transact(this.#sql, () => this.#statements.write.run(header.segment, number, bytes));
  }

  #frame(segment: number, number: number, kind: FrameHeader['kind']): ReturnType<typeof decodeFrame> {
    const bytes: unknown = guarded(() => this.#statements.frame.get(segment, number));
    if (bytes === undefined) throw new NearfieldError('CORRUPT', `Frame ${number} of segment ${segment} is missing`);
    const frame = decodeFrame(bytes);
    const { dimensions, metric } = this.space;
    const { header } = frame;
    const isOwn = header.kind === kind && header.segment === segment;
    if (!isOwn || header.dimensions !== dimensions || header.metric !== metric) {
      throw new NearfieldError('CORRUPT', `Frame ${number} of segment ${segment} belongs to something else`);
    }
    return frame;
  }
}
