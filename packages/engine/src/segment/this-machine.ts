import { availableParallelism, cpus } from 'node:os';
import { hasRelaxedSimd } from '../distance/index.js';

let known: string | undefined;

/** What tells machines apart on which the same search takes another time. */
export function thisMachine(): string {
  // Once: to list many processors takes milliseconds.
  return (known ??= JSON.stringify({
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    architecture: process.arch,
    kernel: hasRelaxedSimd() ? 'relaxed' : 'plain',
  }));
}
