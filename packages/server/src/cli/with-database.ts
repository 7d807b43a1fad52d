import { registry } from '@nearfield/encoders';
import { NearfieldError, open, type Database } from '@nearfield/engine';

/** Opens a database with the encoders of this installation for as long as the work takes. */
export async function withDatabase<T>(
  path: string,
  options: { readonly readOnly: boolean },
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const encoders = registry();
  try {
    const db = await open(path, { ...options, encoders }).catch((error: unknown) => {
      throw forCommandLine(error, path, options.readOnly);
    });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  } finally {
    await encoders.close();
  }
}

/** The engine's remedies are calls of its API; on a command line they are commands. */
function forCommandLine(error: unknown, path: string, readOnly: boolean): unknown {
  if (!(error instanceof NearfieldError)) return error;
  const { code } = error;
  const restated = (what: string, remedy: string) => new NearfieldError(code, what, { remedy }, { cause: error });
  if (code === 'DATABASE_NOT_FOUND' && readOnly)
    return restated(`There is no database at ${path}`, 'Check the path; `nearfield ingest` creates a database.');
  if (code === 'DATABASE_LOCKED')
    return restated(
      `Another process writes to ${path}`,
      'Wait until it has ended, or stop it; if it only serves, start it with --read-only.',
    );
  if (code === 'NOT_A_DATABASE')
    return restated(`${path} is not a Nearfield database`, 'Check the path; `nearfield ingest` creates a database.');
  return error;
}
