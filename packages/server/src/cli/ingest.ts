import {
  NearfieldError,
  type Collection,
  type Database,
  type SchemaInput,
  type SkippedRecord,
  type WriteOptions,
} from '@nearfield/engine';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { incomingSchema } from '../wire/schema-input.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { inferSchema } from './infer-schema.js';
import { FailurePolicy, IngestStopped, peek, readableRecords, validRecords } from './ingest-stream.js';
import { interruptible } from './interruption.js';
import { findFiles } from './sources/find-files.js';
import { RecentOrigins } from './recent-origins.js';
import { mediaKind, type MediaKind } from './sources/media-kind.js';
import { readSources, readStandardInput } from './sources/read-sources.js';
import { STANDARD_INPUT, type SourceRecord } from './sources/source-item.js';
import { countText, millisecondsText, recordsText } from './terminal/amounts.js';
import { failureText } from './terminal/failure-text.js';
import { printJson, printLines } from './terminal/output.js';
import { ProgressBar } from './terminal/progress-bar.js';
import { UsageError } from './usage-error.js';
import { withDatabase } from './with-database.js';

export interface IngestOptions {
  readonly id?: string;
  readonly schema?: string;
  readonly onError: 'stop' | 'skip';
  readonly json?: boolean;
}

/** What came of the records: those that were committed, and those that the collection holds. Records of one id are one. */
interface Written {
  count: number;
  total?: number;
}

/** Records from which the schema of a new collection is inferred. */
const SAMPLE_RECORDS = 200;

/** `nearfield ingest`: files, folders and JSON Lines into a collection, which is created when there is none. */
export async function ingest(
  path: string,
  name: string,
  paths: readonly string[],
  options: IngestOptions,
): Promise<ExitCode> {
  if (paths.includes(STANDARD_INPUT) && paths.length > 1)
    throw new UsageError('`-`, the standard input, is not read together with files.');
  const started = performance.now();
  const policy = new FailurePolicy(options.onError);
  const written: Written = { count: 0 };
  let failed = false;
  try {
    await interruptible(async (signal) => {
      // Before the database, so that a wrong path does not leave an empty one behind.
      const { source, progress, media } = await openSource(path, paths, options.id, signal);
      try {
        await withDatabase(path, { readOnly: false }, async (db) => {
          const readable = readableRecords(source, policy);
          const { collection, records } = await target(db, name, readable, media, options.schema);
          await write(collection, records, policy, progress, written, signal);
        });
      } catch (error) {
        throw signal.aborted ? new NearfieldError('ABORTED', 'Interrupted', {}, { cause: error }) : error;
      } finally {
        progress.stop();
      }
    });
  } catch (error) {
    failed = true;
    if (!(error instanceof IngestStopped)) process.stderr.write(`${failureText(error)}\n`);
  }
  report(name, written, policy, performance.now() - started, options.json ?? false);
  return failed || policy.skipped > 0 ? EXIT.failed : EXIT.done;
}

async function write(
  collection: Collection,
  records: AsyncIterable<SourceRecord>,
  policy: FailurePolicy,
  progress: ProgressBar,
  written: Written,
  signal: AbortSignal,
): Promise<void> {
  const origins = new RecentOrigins();
  const onProgress: WriteOptions['onProgress'] = ({ done, phase }) => {
    if (phase === 'commit') progress.committed((written.count = done));
  };
  const valid = validRecords(records, collection.schema, policy, origins);
  try {
    if (policy.onError === 'stop') await collection.upsert(valid, { signal, onProgress });
    else {
      const onSkip = (skipped: SkippedRecord) =>
        policy.skip(skipped, origins.at(skipped.position) ?? { file: String(skipped.id) });
      await collection.upsert(valid, { signal, onProgress, onError: 'skip', onSkip });
    }
  } catch (error) {
    // What an encoder could not read is known by the id of its record.
    const origin = error instanceof NearfieldError ? origins.of(error.details.record) : undefined;
    throw origin === undefined ? error : policy.stop(error as NearfieldError, origin);
  } finally {
    written.total = await collection.count().catch(() => undefined);
  }
}

async function openSource(path: string, paths: readonly string[], idField: string | undefined, signal: AbortSignal) {
  const standardInput = paths[0] === STANDARD_INPUT;
  const own = ['', '-wal', '-shm', '-lock'].map((suffix) => resolve(path) + suffix);
  const files = standardInput ? [] : await findFiles(paths, own);
  const total = standardInput ? undefined : files.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = new ProgressBar(true, total);
  const options = { idField, signal, onBytes: (bytes: number) => progress.read(bytes) };
  const media = new Set(files.flatMap(({ path }) => mediaKind(path) ?? []));
  return { source: standardInput ? readStandardInput(options) : readSources(files, options), progress, media };
}

/**
 * The collection to write to: the one that exists, or one of the given schema, or of the schema that the first records
 * show.
 */
async function target(
  db: Database,
  name: string,
  records: AsyncGenerator<SourceRecord>,
  media: ReadonlySet<MediaKind>,
  schemaPath: string | undefined,
): Promise<{ collection: Collection; records: AsyncGenerator<SourceRecord> }> {
  if (schemaPath !== undefined) {
    return { collection: await db.collection(name, await readSchema(schemaPath)), records };
  }
  if ((await db.collections()).includes(name)) return { collection: await db.collection(name), records };
  const { first, all } = await peek(records, SAMPLE_RECORDS);
  if (first.length === 0) {
    throw new NearfieldError('INVALID_ARGUMENT', 'There is no record to ingest', { remedy: 'Check the paths.' });
  }
  const schema = inferSchema(first, media);
  if (Object.keys(schema.vectors ?? {}).length === 0) {
    process.stderr.write(
      'nearfield: there are no texts, images or sounds, so there is nothing to search by; --schema says what is.\n',
    );
  }
  return { collection: await db.collection(name, schema), records: all };
}

async function readSchema(path: string): Promise<SchemaInput> {
  try {
    return incomingSchema(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof NearfieldError) throw error;
    const received = (error as Error).message;
    throw new NearfieldError(
      'INVALID_ARGUMENT',
      `${path} holds no schema`,
      { received, remedy: 'Give a JSON file.' },
      { cause: error },
    );
  }
}

function report(
  collection: string,
  { count, total }: Written,
  policy: FailurePolicy,
  milliseconds: number,
  json: boolean,
): void {
  const { skipped, passedOver, unplaced, failures, onError } = policy;
  if (json) {
    printJson({
      collection,
      records: count,
      total,
      skipped,
      passedOver,
      unplaced,
      failures,
      seconds: Math.round(milliseconds) / 1000,
    });
    return;
  }
  const records = recordsText(count);
  const held = total === undefined ? `${records} written` : `${records} written, ${countText(total)} in ${collection}`;
  const parts = [`${total === count ? `${records} in ${collection}` : held}, ${millisecondsText(milliseconds)}`];
  if (onError === 'skip' && skipped > 0) parts.push(`${countText(skipped)} skipped`);
  if (passedOver > 0) parts.push(`${countText(passedOver)} passed over as neither text, image nor sound`);
  if (unplaced > 0) parts.push(`${countText(unplaced)} passed over as ${collection} has no field for them`);
  printLines([parts.join('; ')]);
}
