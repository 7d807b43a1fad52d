import type { AnyRecord, Collection, FilterInput } from '@nearfield/engine';
import { EXIT, type ExitCode } from './exit-code.js';
import { interruptible } from './interruption.js';
import { planLines } from './plan-lines.js';
import { foundText, hitLines, infoLine, recordLines } from './search-table.js';
import { outputColumns, printJson, printLines } from './terminal/output.js';
import { UsageError } from './usage-error.js';
import { withDatabase } from './with-database.js';

export interface SearchOptions {
  readonly filter?: Record<string, unknown>;
  readonly limit: number;
  readonly json?: boolean;
  readonly explain?: boolean;
}

/** `nearfield search`: by text and filter, or without a text the records that a filter lets through. */
export async function search(
  path: string,
  name: string,
  text: string | undefined,
  options: SearchOptions,
): Promise<ExitCode> {
  if (text === undefined && (options.filter === undefined || options.explain === true)) {
    throw new UsageError(options.explain === true ? '--explain needs a text.' : 'A search needs a text, or --filter.');
  }
  await interruptible((signal) =>
    withDatabase(path, { readOnly: true }, async (db) => {
      const collection = await db.collection(name);
      if (text === undefined) await list(collection, options, signal);
      else if (options.explain === true) await explain(collection, text, options, signal);
      else await find(collection, text, options, signal);
    }),
  );
  return EXIT.done;
}

async function find(
  collection: Collection,
  text: string,
  { filter, limit, json }: SearchOptions,
  signal: AbortSignal,
): Promise<void> {
  const result = await collection.search({ text, filter: filter as FilterInput, limit }, { signal });
  if (json === true) {
    printJson(result);
    return;
  }
  const { hits, info } = result;
  const lines = hitLines(hits, collection.schema, outputColumns());
  printLines([...lines, ...(lines.length > 0 ? [''] : []), infoLine(info, hits.length)]);
}

async function explain(
  collection: Collection,
  text: string,
  { filter, limit, json }: SearchOptions,
  signal: AbortSignal,
): Promise<void> {
  const plan = await collection.explain({ text, filter: filter as FilterInput, limit }, { signal });
  if (json === true) printJson(plan);
  else printLines(planLines(plan));
}

async function list(collection: Collection, options: SearchOptions, signal: AbortSignal): Promise<void> {
  const filter = options.filter as FilterInput;
  const records: AnyRecord[] = [];
  for await (const record of collection.scan({ filter, limit: options.limit, signal })) records.push(record);
  const matches = await collection.count(filter, { signal });
  if (options.json === true) {
    printJson({ hits: records.map((record) => ({ id: record.id, record })), info: { exact: true, matches } });
    return;
  }
  const lines = recordLines(records, collection.schema, outputColumns());
  printLines([...lines, ...(lines.length > 0 ? [''] : []), `${foundText(records.length, matches)}, by id`]);
}
