import type { FilterInput } from '@nearfield/engine';
import { EXIT, type ExitCode } from './exit-code.js';
import { interruptible } from './interruption.js';
import { printJson, printLines } from './terminal/output.js';
import { withDatabase } from './with-database.js';

export interface CountOptions {
  readonly filter?: Record<string, unknown>;
  readonly json?: boolean;
}

/** `nearfield count`: how many records there are, or match a filter. */
export async function count(path: string, name: string, { filter, json }: CountOptions): Promise<ExitCode> {
  await interruptible((signal) =>
    withDatabase(path, { readOnly: true }, async (db) => {
      const found = await (await db.collection(name)).count(filter as FilterInput, { signal });
      if (json === true) printJson({ count: found });
      else printLines([String(found)]);
    }),
  );
  return EXIT.done;
}
