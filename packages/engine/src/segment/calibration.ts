import type { MachineTimes, Machines } from '../indexes/index.js';
import type { SegmentBuilder } from './segment-builder.js';
import { thisMachine } from './this-machine.js';

/** When a file was open for so long, in milliseconds, and nothing is built, the machine is measured; else so much later. */
const IDLE_MS = 1000;

/** What a file knows of the times of machines. Those of this one are measured once, if the file can keep them. */
export class Calibration {
  #machines: Machines;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  /**
   * @param known what the file holds
   * @param file undefined where nothing can be kept: read-only, or in memory
   */
  constructor(
    known: ReadonlyMap<string, MachineTimes>,
    readonly builder: SegmentBuilder,
    readonly file: string | undefined,
  ) {
    this.#machines = { here: thisMachine(), times: known };
  }

  /** Replaced as a whole when this machine was measured. */
  get machines(): Machines {
    return this.#machines;
  }

  /** Measures this machine, if it is not known, as soon as there is time for it. */
  begin(): void {
    const { here, times } = this.#machines;
    if (this.file === undefined || times.has(here)) return;
    this.#timer = setTimeout(() => {
      if (!this.builder.isIdle) return this.begin();
      // What cannot be kept now is measured when the file is next opened.
      this.#running = this.calibrate().catch(() => undefined);
    }, IDLE_MS);
    // A process that has nothing else to do ends.
    this.#timer.unref();
  }

  /** Measures this machine now, and keeps that in the file. */
  async calibrate(): Promise<void> {
    const { here, times } = this.#machines;
    const measured = await this.builder.measureMachine(this.file!, here);
    if (measured !== undefined) this.#machines = { here, times: new Map([...times, [here, measured]]) };
  }

  /** Measures nothing more; the builder should have been told to cancel. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }
}
