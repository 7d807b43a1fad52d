import type { CollectionSchema, CollectionStats, Database, SegmentStats, VectorStats } from '@nearfield/engine';
import { outgoingSchema } from '../wire/schema-input.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { segmentsText } from './segments-text.js';
import { sizeOnDisk } from './size-on-disk.js';
import { countText, recordsText, sizeText } from './terminal/amounts.js';
import { outputColumns, printJson, printLines } from './terminal/output.js';
import { plainText } from './terminal/plain-text.js';
import { table } from './terminal/table.js';
import { withDatabase } from './with-database.js';

interface CollectionInfo {
  readonly name: string;
  readonly schema: CollectionSchema;
  readonly stats: CollectionStats;
}

/** `nearfield info`: the collections of a database, their counts, vectors and sizes. */
export async function info(path: string, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  return withDatabase(path, { readOnly: true }, async (db) => {
    const bytes = sizeOnDisk(db.path);
    const collections = await describeAll(db);
    if (json === true) {
      printJson({
        path: db.path,
        bytes,
        collections: collections.map(({ name, schema, stats }) => ({ name, schema: outgoingSchema(schema), stats })),
      });
    } else {
      printLines([
        `${path}: ${sizeText(bytes)}, collections: ${collections.length}`,
        ...collections.flatMap(collectionLines),
      ]);
    }
    return EXIT.done;
  });
}

async function describeAll(db: Database): Promise<CollectionInfo[]> {
  const described: CollectionInfo[] = [];
  for (const name of await db.collections()) {
    const collection = await db.collection(name);
    described.push({ name, schema: collection.schema, stats: await collection.stats() });
  }
  return described;
}

function collectionLines({ name, schema, stats }: CollectionInfo): string[] {
  const fields = Object.entries(schema.fields).map(([field, { type }]) => `${field} ${type}`);
  const rows = Object.entries(stats.vectors).map(([vector, space]) => [
    `  ${vector}`,
    space.encoder === undefined ? '(given)' : `${space.encoder.name} ${space.encoder.version}`,
    spaceText(space),
    countText(space.count),
    sizeText(space.memoryBytes),
  ]);
  const columns = [
    { heading: '  vector', width: 24 },
    { heading: 'encoder', width: 28 },
    { heading: 'space' },
    { heading: 'records', align: 'right' },
    { heading: 'memory', align: 'right' },
  ] as const;
  return [
    '',
    `${name}: ${recordsText(stats.records)}, ${sizeText(stats.memoryBytes)} of memory`,
    `  fields: ${fields.join(', ') || 'none declared'}`,
    ...(rows.length > 0 ? table(columns, rows, outputColumns()) : []),
    ...Object.entries(stats.vectors).flatMap(segmentLines),
    `  background work in this process: ${backgroundText(stats.background)}`,
  ];
}

/** Which segments hold the vectors of a dense space, what a vector costs, and what has no graph yet. */
function segmentLines([vector, { segments, memoryBytes }]: [string, VectorStats]): string[] {
  if (segments === undefined || segments.length === 0) return [];
  const count = (of: readonly SegmentStats[]) => of.reduce((sum, { vectors }) => sum + vectors, 0);
  const vectors = count(segments);
  const scanned = count(segments.filter(({ kind }) => kind === 'flat'));
  const parts = [segmentsText(segments), `${countText(Math.round(memoryBytes / vectors))} bytes of memory a vector`];
  if (scanned > 0) parts.push(`${countText(scanned)} of ${countText(vectors)} vectors not sealed`);
  return [`  ${vector}: ${parts.join(', ')}`];
}

function backgroundText({ running, failure }: CollectionStats['background']): string {
  if (failure !== undefined) return `failed and will be tried again: ${plainText(failure)}`;
  return running ? 'running' : 'none';
}

function spaceText({ kind, dimensions, metric }: VectorStats): string {
  return kind === 'sparse' ? 'sparse, BM25' : `${dimensions} dimensions, ${metric}`;
}
