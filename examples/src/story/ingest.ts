import { monitorEventLoopDelay } from 'node:perf_hooks';
import { SingleBar } from 'cli-progress';
import type { WriteOptions } from '@nearfield/engine';

/** Runs an ingestion of `count` records under a progress bar, and tells how fast it was and how much it held up the rest. */
export async function timedIngest(
  what: string,
  count: number,
  ingest: (onProgress: WriteOptions['onProgress']) => Promise<unknown>,
): Promise<void> {
  const bar = new SingleBar({
    format: '{bar} {percentage}%  {value}/{total}  {eta_formatted} left',
    clearOnComplete: true,
  });
  if (process.stderr.isTTY) bar.start(count, 0);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const started = performance.now();
  delay.enable();
  try {
    await ingest(({ done }) => bar.update(done));
  } finally {
    delay.disable();
    bar.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${count} ${what} in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second; ` +
      `event-loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
  );
}
