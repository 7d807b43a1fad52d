import { registry, type OpenEncoderRegistry } from '@nearfield/encoders';
import { NearfieldError, open, type Database } from '@nearfield/engine';
import { existsSync } from 'node:fs';

/** Options of commands that work long with an open database. */
export interface OpeningOptions {
  readonly threads?: number;
  /** In mebibytes. */
  readonly memoryBudget?: number;
}

export interface DatabaseOptions extends OpeningOptions {
  readonly readOnly: boolean;
  /** Refuse a path at which there is nothing, which is created otherwise unless `readOnly`. */
  readonly mustExist?: boolean;
}

const BYTES_A_MEBIBYTE = 1024 * 1024;

/** Opens a database with the encoders of this installation for as long as the work takes. */
export async function withDatabase<T>(
  path: string,
  { readOnly, mustExist = readOnly, threads, memoryBudget }: DatabaseOptions,
  work: (db: Database, encoders: OpenEncoderRegistry) => Promise<T>,
): Promise<T> {
  if (mustExist && !existsSync(path)) throw notThere(path);
  const encoders = registry();
  const bytes = memoryBudget === undefined ? undefined : memoryBudget * BYTES_A_MEBIBYTE;
  try {
    const db = await open(path, { readOnly, threads, memoryBudget: bytes, encoders }).catch((error: unknown) => {
      throw forCommandLine(error, path, mustExist);
    });
    try {
      return await work(db, encoders);
    } finally {
      await db.close();
    }
  } finally {
    await encoders.close();
  }
}

/** The engine's remedies are calls of its API; on a command line they are commands. */
function forCommandLine(error: unknown, path: string, mustExist: boolean): unknown {
  if (!(error instanceof NearfieldError)) return error;
  const { code } = error;
  const restated = (what: string, remedy: string) => new NearfieldError(code, what, { remedy }, { cause: error });
  if (code === 'DATABASE_NOT_FOUND' && mustExist) return notThere(path, error);
  if (code === 'DATABASE_LOCKED')
    return restated(
      `Another process writes to ${path}`,
      'Wait until it has ended, or stop it; if it only serves, start it with --read-only.',
    );
  if (code === 'NOT_A_DATABASE')
    return restated(`${path} is not a Nearfield database`, 'Check the path; `nearfield ingest` creates a database.');
  return error;
}

function notThere(path: string, cause?: unknown): NearfieldError {
  const remedy = 'Check the path; `nearfield ingest` creates a database.';
  return new NearfieldError('DATABASE_NOT_FOUND', `There is no database at ${path}`, { remedy }, { cause });
}
