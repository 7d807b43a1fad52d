import { setPriority } from 'node:os';

/** As `nice 10`: a tenth of the share of a thread that others wait for. */
const NICE = 10;

/**
 * Lets every other thread go first when there are more than cores: an event loop must not wait for a graph that is built. On
 * Linux alone, where a priority is a thread's (setpriority(2)); elsewhere it would be the whole process's.
 */
export function runInBackground(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(NICE);
  } catch {
    // Not allowed here; it only costs the courtesy.
  }
}
