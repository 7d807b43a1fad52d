const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs work that the user may interrupt: the first SIGINT or SIGTERM fires the signal, and the work ends in its own
 * order. The second one ends the process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
    controller.abort(new Error('Interrupted'));
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
