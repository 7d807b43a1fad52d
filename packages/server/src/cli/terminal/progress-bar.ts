import { SingleBar } from 'cli-progress';
import { countText } from './amounts.js';

/** A bar on the standard error, so that the output stays clean; undefined unless that is a terminal. */
export function startBar(format: string, total: number, payload: object): SingleBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar({
    format,
    barsize: 24,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // The command itself handles interruptions: a batch may be on its way.
    gracefulExit: false,
  });
  bar.start(total, 0, payload);
  return bar;
}

/** How far an ingestion has come. Shown on a terminal only. */
export class ProgressBar {
  readonly #bar: SingleBar | undefined;
  #bytes = 0;

  /** @param totalBytes what there is to read, or undefined when nobody knows */
  constructor(shown: boolean, totalBytes: number | undefined) {
    if (!shown) return;
    const format =
      totalBytes === undefined
        ? '{records} records  {duration_formatted}'
        : '[{bar}] {percentage}%  {records} records  {duration_formatted}, {eta_formatted} left';
    this.#bar = startBar(format, Math.max(totalBytes ?? 1, 1), { records: '0' });
  }

  /** Bytes were read; they show with the next commit, which is what counts. */
  read(bytes: number): void {
    this.#bytes += bytes;
  }

  committed(records: number): void {
    this.#bar?.update(Math.min(this.#bytes, this.#bar.getTotal()), { records: countText(records) });
  }

  stop(): void {
    this.#bar?.stop();
  }
}
