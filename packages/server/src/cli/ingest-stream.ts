import { NearfieldError, type AnyRecordInput, type CollectionSchema } from '@nearfield/engine';
import { checkRecord } from '@nearfield/engine/internals/ingest/check-record';
import { dirname, resolve } from 'node:path';
import { incomingRecord } from '../wire/incoming-record.js';
import type { RecentOrigins } from './recent-origins.js';
import { failureLine, failureText } from './terminal/failure-text.js';
import { typedCells } from './sources/cells.js';
import type { MediaKind } from './sources/media-kind.js';
import { STANDARD_INPUT, originText, type Origin, type SourceItem, type SourceRecord } from './sources/source-item.js';

/** A failure as the JSON output lists it. */
export interface ReportedFailure extends Origin {
  readonly code: string;
  readonly message: string;
}

/** As many failures as the JSON output lists; all are counted and all were printed. */
const LISTED_FAILURES = 1000;

/** Decides over broken lines and files, and keeps count of them. */
export class FailurePolicy {
  readonly failures: ReportedFailure[] = [];
  skipped = 0;
  passedOver = 0;
  /** Images and sounds for which the collection has no field. */
  unplaced = 0;

  constructor(readonly onError: 'stop' | 'skip') {}

  /** Prints the failure; throws `IngestStopped` unless failures are skipped. */
  take(error: NearfieldError, origin: Origin): void {
    if (this.onError === 'stop') throw this.stop(error, origin);
    this.skip(error, origin);
  }

  /** Prints a failure that ends the ingestion, and gives the error that says so. */
  stop(error: NearfieldError, origin: Origin): IngestStopped {
    this.#list(error, origin);
    const text = withoutOrigin(failureText(error, originText(origin)), origin);
    process.stderr.write(`${text} Or pass --on-error skip to go on without it.\n`);
    return new IngestStopped();
  }

  /** Prints a failure that was passed over. */
  skip(failure: Pick<NearfieldError, 'code' | 'message'>, origin: Origin): void {
    this.#list(failure, origin);
    this.skipped++;
    const { code, message } = failure;
    process.stderr.write(`${failureLine({ code, message: withoutOrigin(message, origin) }, originText(origin))}\n`);
  }

  #list({ code, message }: Pick<NearfieldError, 'code' | 'message'>, origin: Origin): void {
    if (this.failures.length >= LISTED_FAILURES) return;
    this.failures.push({ code, message: withoutOrigin(message, origin), ...origin });
  }
}

/** A message without the names that stand before it: those of the file and of the record that was made from it. */
function withoutOrigin(message: string, { file, line, index }: Origin): string {
  const read = message.replace(`Cannot read "${resolve(file)}" as`, 'Cannot be read as');
  // A record of a data file is one of many.
  return line === undefined && index === undefined ? read.replace(/\bRecord "(?:[^"\\]|\\.)*": /, '') : read;
}

/** Ends the stream after a failure that was reported already. */
export class IngestStopped extends Error {
  override readonly name = 'IngestStopped';
}

/** The records of the sources, broken ones gone the way of the policy. */
export async function* readableRecords(
  items: AsyncIterable<SourceItem>,
  policy: FailurePolicy,
): AsyncGenerator<SourceRecord> {
  for await (const item of items) {
    switch (item.kind) {
      case 'record':
        yield item;
        break;
      case 'failure':
        policy.take(item.error, item.origin);
        break;
      case 'passed-over':
        policy.passedOver++;
        break;
      default:
        item satisfies never;
    }
  }
}

/** The records as the engine takes them. It checks each again; here the failure still knows its line. */
export async function* validRecords(
  records: AsyncIterable<SourceRecord>,
  schema: CollectionSchema,
  policy: FailurePolicy,
  origins: RecentOrigins,
): AsyncGenerator<AnyRecordInput> {
  for await (const given of records) {
    const item = given.isUntyped === true ? { ...given, record: typedCells(given.record, schema) } : given;
    const record = placeMedia(item, schema);
    if (record === undefined) {
      policy.unplaced++;
      continue;
    }
    const { origin } = item;
    try {
      const input = incomingRecord(record, schema, true);
      checkRecord(input, schema, 0);
      origins.add(record.id, origin);
      yield input as AnyRecordInput;
    } catch (error) {
      if (!(error instanceof NearfieldError)) throw error;
      policy.take(error, origin);
    }
  }
}

/**
 * The record with its image or sound in the field that the collection has for it, or undefined when it has none. In data
 * files, paths of images and sounds are relative to the file.
 */
function placeMedia(item: SourceRecord, schema: CollectionSchema): Record<string, unknown> | undefined {
  const { record, from } = item;
  if (from === 'document') return record;
  if (from === 'data') return withResolvedPaths(item, schema);
  const field = mediaField(schema, from);
  if (field === undefined) return undefined;
  const { [from]: source, ...rest } = record;
  return { ...rest, [field]: source };
}

function withResolvedPaths({ record, origin }: SourceRecord, { fields }: CollectionSchema): Record<string, unknown> {
  const resolved: Record<string, unknown> = { ...record };
  for (const [name, value] of Object.entries(record)) {
    const type = Object.hasOwn(fields, name) ? fields[name].type : undefined;
    if ((type !== 'image' && type !== 'audio') || typeof value !== 'string' || value.startsWith('file:')) continue;
    resolved[name] = resolve(origin.file === STANDARD_INPUT ? '' : dirname(origin.file), value);
  }
  return resolved;
}

/** The field named after the kind, or else the first of that type. */
function mediaField({ fields }: CollectionSchema, kind: MediaKind): string | undefined {
  if (Object.hasOwn(fields, kind) && fields[kind].type === kind) return kind;
  return Object.keys(fields).find((name) => fields[name].type === kind);
}

/** The first records of a stream, and the whole stream with them. */
export async function peek<T>(
  source: AsyncGenerator<T>,
  count: number,
): Promise<{ readonly first: readonly T[]; readonly all: AsyncGenerator<T> }> {
  const first: T[] = [];
  while (first.length < count) {
    const next = await source.next();
    if (next.done === true) break;
    first.push(next.value);
  }
  return { first, all: chain(first, source) };
}

async function* chain<T>(first: readonly T[], rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}
