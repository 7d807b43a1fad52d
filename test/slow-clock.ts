import type { Test } from 'tap';

/**
 * Until the test ends, a second goes by between any two looks at the clock. So whatever gives way after some milliseconds of work does
 * that at each look, on a fast machine and on a slow one.
 */
export function slowClock(t: Test): void {
  const now = performance.now.bind(performance);
  let step = 1000;
  let ahead = 0;
  performance.now = () => now() + (ahead += step);
  // From there on it goes as fast as before; it must not go back.
  t.teardown(() => (step = 0));
}
