import {
  NearfieldError,
  type AnyRecordInput,
  type Collection,
  type Database,
  type SchemaInput,
} from '@nearfield/engine';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { incomingSchema } from '../wire/schema-input.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { inferSchema } from './infer-schema.js';
import { FailurePolicy, IngestStopped, peek, readableRecords, validRecords } from './ingest-stream.js';
import { interruptible } from './interruption.js';
import { findFiles } from './sources/find-files.js';
import { readSources, readStandardInput } from './sources/read-sources.js';
import type { SourceRecord } from './sources/source-item.js';
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
  if (paths.includes('-') && paths.length > 1)
    throw new UsageError('`-`, the standard input, is not read together with files.');
  const started = performance.now();
  const policy = new FailurePolicy(options.onError);
  const written: Written = { count: 0 };
  let failed = false;
  try {
    await interruptible(async (signal) => {
      // Before the database, so that a wrong path does not leave an empty one behind.
      const { source, progress } = await openSource(path, paths, options.id, signal);
      try {
        await withDatabase(path, { readOnly: false }, async (db) => {
          const { collection, records } = await target(db, name, readableRecords(source, policy), options.schema);
          await write(collection, validRecords(records, collection.schema, policy), progress, written, signal);
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
  records: AsyncIterable<AnyRecordInput>,
  progress: ProgressBar,
  written: Written,
  signal: AbortSignal,
): Promise<void> {
  try {
    await collection.upsert(records, {
      signal,
      onProgress: ({ done, phase }) => {
        if (phase === 'commit') progress.committed((written.count = done));
      },
    });
  } finally {
    written.total = await collection.count().catch(() => undefined);
  }
}

async function openSource(path: string, paths: readonly string[], idField: string | undefined, signal: AbortSignal) {
  const standardInput = paths[0] === '-';
  const own = ['', '-wal', '-shm', '-lock'].map((suffix) => resolve(path) + suffix);
  const files = standardInput ? [] : await findFiles(paths, own);
  const total = standardInput ? undefined : files.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = new ProgressBar(true, total);
  const options = { idField, signal, onBytes: (bytes: number) => progress.read(bytes) };
  return { source: standardInput ? readStandardInput(options) : readSources(files, options), progress };
}

/**
 * The collection to write to: the one that exists, or one of the given schema, or of the schema that the first records
 * show.
 */
async function target(
  db: Database,
  name: string,
  records: AsyncGenerator<SourceRecord>,
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
  const schema = inferSchema(first);
  if (Object.keys(schema.vectors ?? {}).length === 0) {
    process.stderr.write(
      'nearfield: no field looks like text, so there is nothing to search by; --schema says what is.\n',
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
  const { skipped, passedOver, failures, onError } = policy;
  if (json) {
    printJson({
      collection,
      records: count,
      total,
      skipped,
      passedOver,
      failures,
      seconds: Math.round(milliseconds) / 1000,
    });
    return;
  }
  const records = recordsText(count);
  const held = total === undefined ? `${records} written` : `${records} written, ${countText(total)} in ${collection}`;
  const parts = [`${total === count ? `${records} in ${collection}` : held}, ${millisecondsText(milliseconds)}`];
  if (onError === 'skip' && skipped > 0) parts.push(`${countText(skipped)} skipped`);
  if (passedOver > 0) parts.push(`${countText(passedOver)} passed over as not text`);
  printLines([parts.join('; ')]);
}
