import { NearfieldError, type AnyRecordInput, type CollectionSchema } from '@nearfield/engine';
import { checkRecord } from '@nearfield/engine/internals/ingest/check-record';
import { incomingRecord } from '../wire/incoming-record.js';
import { failureText } from './terminal/failure-text.js';
import { originText, type Origin, type SourceItem, type SourceRecord } from './sources/source-item.js';

/** A failure as the JSON output lists it. */
export interface ReportedFailure extends Origin {
  readonly code: string;
  readonly message: string;
}

/** As many failures as the JSON output lists; all are counted and all were printed. */
const LISTED_FAILURES = 100;

/** Decides over broken lines and files, and keeps count of them. */
export class FailurePolicy {
  readonly failures: ReportedFailure[] = [];
  skipped = 0;
  passedOver = 0;

  constructor(readonly onError: 'stop' | 'skip') {}

  /** Prints the failure; throws `IngestStopped` unless failures are skipped. */
  take(error: NearfieldError, origin: Origin): void {
    const { code, message } = error;
    if (this.failures.length < LISTED_FAILURES) this.failures.push({ code, message, ...origin });
    const stops = this.onError === 'stop';
    const advice = stops ? ' Or pass --on-error skip to go on without it.' : '';
    process.stderr.write(`${failureText(error, originText(origin))}${advice}\n`);
    if (stops) throw new IngestStopped();
    this.skipped++;
  }
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
): AsyncGenerator<AnyRecordInput> {
  for await (const { record, origin } of records) {
    try {
      const input = incomingRecord(record, schema, true);
      checkRecord(input, schema, 0);
      yield input as AnyRecordInput;
    } catch (error) {
      if (!(error instanceof NearfieldError)) throw error;
      policy.take(error, origin);
    }
  }
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
