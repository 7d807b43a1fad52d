import {
  NearfieldError,
  type AnyRecord,
  type Collection,
  type CollectionSchema,
  type EncoderRegistry,
  type FilterInput,
  type NearInput,
  type Query,
} from '@nearfield/engine';
import { EXIT, type ExitCode } from './exit-code.js';
import { interruptible } from './interruption.js';
import { analysisLines, planLines } from './plan-lines.js';
import { foundText, hitLines, infoLine, recordLines } from './search-table.js';
import { outputColumns, printJson, printLines } from './terminal/output.js';
import { UsageError } from './usage-error.js';
import { withDatabase } from './with-database.js';

export interface SearchOptions {
  readonly image?: string;
  readonly audio?: string;
  readonly filter?: Record<string, unknown>;
  readonly limit: number;
  readonly json?: boolean;
  readonly explain?: boolean;
  readonly analyze?: boolean;
}

/**
 * `nearfield search`: by a text, an image, a sound or several of them, within a filter; by a filter alone, the records
 * that it lets through.
 */
export async function search(
  path: string,
  name: string,
  text: string | undefined,
  options: SearchOptions,
): Promise<ExitCode> {
  const asked = [text, options.image, options.audio].some((input) => input !== undefined);
  for (const name of ['explain', 'analyze'] as const) {
    if (!asked && options[name] === true) throw new UsageError(`--${name} needs a text, --image or --audio.`);
  }
  if (!asked && options.filter === undefined) {
    throw new UsageError('A search needs a text, --image, --audio or --filter.');
  }
  await interruptible((signal) =>
    withDatabase(path, { readOnly: true }, async (db, encoders) => {
      const collection = await db.collection(name);
      if (!asked) {
        await list(collection, options, signal);
        return;
      }
      const query = await queryOf(collection.schema, encoders, text, options);
      if (options.explain === true) await explain(collection, query, options, signal);
      else if (options.analyze === true) await analyze(collection, query, options, signal);
      else await find(collection, query, options, signal);
    }),
  );
  return EXIT.done;
}

/** The text goes to every vector whose encoder takes text, an image to every one that takes images, a sound alike. */
async function queryOf(
  schema: CollectionSchema,
  encoders: EncoderRegistry,
  text: string | undefined,
  { image, audio, filter, limit }: SearchOptions,
): Promise<Query> {
  const near: NearInput[] = [];
  if (image !== undefined) {
    for (const vector of await vectorsThatTake('image', schema, encoders)) near.push({ vector, image });
  }
  if (audio !== undefined) {
    for (const vector of await vectorsThatTake('audio', schema, encoders)) near.push({ vector, audio });
  }
  return { text, near: near.length > 0 ? near : undefined, filter: filter as FilterInput, limit };
}

async function vectorsThatTake(
  modality: 'image' | 'audio',
  { vectors }: CollectionSchema,
  encoders: EncoderRegistry,
): Promise<string[]> {
  const taking: string[] = [];
  for (const [name, vector] of Object.entries(vectors)) {
    if (vector.kind !== 'encoded') continue;
    const names = typeof vector.encoder === 'string' ? [vector.encoder] : Object.values(vector.encoder);
    const made = await Promise.all(names.map((encoder) => encoders.resolve(encoder)));
    if (made.some(({ accepts }) => accepts.includes(modality))) taking.push(name);
  }
  if (taking.length > 0) return taking;
  throw new NearfieldError('INVALID_QUERY', `The collection has no vector whose encoder takes ${modality}`, {
    field: modality,
    remedy: 'Search by something else; `nearfield info` shows the vectors.',
  });
}

async function find(collection: Collection, query: Query, { json }: SearchOptions, signal: AbortSignal): Promise<void> {
  const result = await collection.search(query, { signal });
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
  query: Query,
  { json }: SearchOptions,
  signal: AbortSignal,
): Promise<void> {
  const plan = await collection.explain(query, { signal });
  if (json === true) printJson(plan);
  else printLines(planLines(plan));
}

async function analyze(
  collection: Collection,
  query: Query,
  { json }: SearchOptions,
  signal: AbortSignal,
): Promise<void> {
  const analysis = await collection.analyze(query, { signal });
  if (json === true) printJson(analysis);
  else printLines(analysisLines(analysis));
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
