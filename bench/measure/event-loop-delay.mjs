import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;

/**
 * Watches the event loop of this thread until `end`, which gives the delays in milliseconds: `{ p50, p99, max }`. The
 * histogram of perf_hooks holds the time from tick to tick of a timer; what is more than the timer's interval is delay.
 */
export function watchEventLoop() {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    end() {
      histogram.disable();
      const delay = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
      return { p50: delay(histogram.percentile(50)), p99: delay(histogram.percentile(99)), max: delay(histogram.max) };
    },
  };
}
