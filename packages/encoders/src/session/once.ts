/** A function that does some work when it is first called and then gives the same result, but tries again after a failure. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= work();
    known.catch(() => (known = undefined));
    return known;
  };
}
