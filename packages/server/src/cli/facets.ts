import type { Facet, FilterInput } from '@nearfield/engine';
import { EXIT, type ExitCode } from './exit-code.js';
import { interruptible } from './interruption.js';
import { countText } from './terminal/amounts.js';
import { outputColumns, printJson, printLines } from './terminal/output.js';
import { plainText } from './terminal/plain-text.js';
import { table } from './terminal/table.js';
import { withDatabase } from './with-database.js';

export interface FacetsOptions {
  readonly filter?: Record<string, unknown>;
  readonly limit: number;
  readonly json?: boolean;
}

/** `nearfield facets`: the most frequent values of a field, and in how many records each occurs. */
export async function facets(
  path: string,
  name: string,
  field: string,
  { filter, limit, json }: FacetsOptions,
): Promise<ExitCode> {
  await interruptible((signal) =>
    withDatabase(path, { readOnly: true }, async (db) => {
      const collection = await db.collection(name);
      const found = await collection.facets(field, { filter: filter as FilterInput, limit, signal });
      if (json === true) printJson({ facets: found });
      else printLines(facetLines(field, found));
    }),
  );
  return EXIT.done;
}

function facetLines(field: string, found: readonly Facet[]): string[] {
  const rows = found.map(({ value, count }) => [countText(count), plainText(value)]);
  return table([{ heading: 'records', align: 'right' }, { heading: plainText(field) }], rows, outputColumns());
}
