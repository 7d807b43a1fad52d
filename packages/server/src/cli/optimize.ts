import type { Database, SegmentStats } from '@nearfield/engine';
import { EXIT, type ExitCode } from './exit-code.js';
import { interruptible } from './interruption.js';
import { segmentsText } from './segments-text.js';
import { sizeOnDisk } from './size-on-disk.js';
import { countText, millisecondsText, sizeText } from './terminal/amounts.js';
import { printJson, printLines } from './terminal/output.js';
import { startBar } from './terminal/progress-bar.js';
import { withDatabase, type OpeningOptions } from './with-database.js';

export interface OptimizeOptions extends OpeningOptions {
  readonly json?: boolean;
}

/** A dense vector space of a collection, and the segments that hold it now. */
interface OptimizedVector {
  readonly collection: string;
  readonly vector: string;
  readonly segments: readonly SegmentStats[];
}

/** `nearfield optimize`: seals and merges now what would be sealed and merged in time, and gives back what is free. */
export async function optimize(path: string, { json, ...opening }: OptimizeOptions): Promise<ExitCode> {
  const started = performance.now();
  // Before and after, with nothing open: only the last connection to close brings the log into the file.
  const before = sizeOnDisk(path);
  const vectors = await interruptible((signal) =>
    withDatabase(path, { ...opening, readOnly: false, mustExist: true }, (db) => optimizeAll(db, signal)),
  );
  const after = sizeOnDisk(path);
  const milliseconds = performance.now() - started;
  if (json === true) {
    printJson({ path, bytes: { before, after }, vectors, seconds: Math.round(milliseconds) / 1000 });
  } else {
    printLines([
      ...vectors.map(vectorLine),
      `${path}: ${sizeText(after)}, ${sizeText(before)} before; ${millisecondsText(milliseconds)}`,
    ]);
  }
  return EXIT.done;
}

async function optimizeAll(db: Database, signal: AbortSignal): Promise<OptimizedVector[]> {
  const names = await db.collections();
  const bar = startBar('[{bar}] {value} of {total} collections  {duration_formatted}', names.length, {});
  try {
    await db.optimize({ signal, onProgress: ({ done }) => bar?.update(done) });
  } finally {
    bar?.stop();
  }
  const vectors: OptimizedVector[] = [];
  for (const collection of names) {
    const stats = await (await db.collection(collection)).stats();
    for (const [vector, { segments }] of Object.entries(stats.vectors)) {
      if (segments !== undefined) vectors.push({ collection, vector, segments });
    }
  }
  return vectors;
}

function vectorLine({ collection, vector, segments }: OptimizedVector): string {
  const count = segments.reduce((sum, { vectors }) => sum + vectors, 0);
  return `${collection}.${vector}: ${countText(count)} vectors, ${segmentsText(segments)}`;
}
