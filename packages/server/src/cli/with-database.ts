import { registry } from '@nearfield/encoders';
import { open, type Database } from '@nearfield/engine';

/** Opens a database with the encoders of this installation for as long as the work takes. */
export async function withDatabase<T>(
  path: string,
  options: { readonly readOnly: boolean },
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const encoders = registry();
  try {
    const db = await open(path, { ...options, encoders });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  } finally {
    await encoders.close();
  }
}
