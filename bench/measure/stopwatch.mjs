/**
 * Begins to count; the function that it gives returns the `seconds` since then on the clock, and the seconds that the
 * processors spent on this process, on all its threads (`processor`). On a machine that others use too, a thread that never
 * waits shows fewer of the second than of the first.
 */
export function stopwatch() {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - started) / 1000, processor: (user + system) / 1e6 };
  };
}
