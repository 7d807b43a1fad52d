import { SingleBar } from 'cli-progress';
import { countText } from './amounts.js';

/** How far an ingestion has come. Shown on a terminal only, on the standard error, so that the output stays clean. */
export class ProgressBar {
  readonly #bar: SingleBar | undefined;
  #bytes = 0;

  /** @param totalBytes what there is to read, or undefined when nobody knows */
  constructor(shown: boolean, totalBytes: number | undefined) {
    if (!shown || !process.stderr.isTTY) return;
    const format =
      totalBytes === undefined
        ? '{records} records  {duration_formatted}'
        : '[{bar}] {percentage}%  {records} records  {duration_formatted}, {eta_formatted} left';
    this.#bar = new SingleBar({
      format,
      barsize: 24,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      // The command itself handles interruptions: a batch may be on its way.
      gracefulExit: false,
    });
    this.#bar.start(Math.max(totalBytes ?? 1, 1), 0, { records: '0' });
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
