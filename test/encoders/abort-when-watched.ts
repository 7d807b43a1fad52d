/**
 * A signal that fires as soon as work waits for that, as it does for its threads, and when it has handed them a task: before an
 * answer can come, however fast they are and however late this thread.
 */
export function abortWhenWatched(): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const addEventListener = signal.addEventListener.bind(signal);
  signal.addEventListener = (...listener: Parameters<typeof addEventListener>) => {
    addEventListener(...listener);
    controller.abort();
  };
  return signal;
}
