/**
 * Whether `test` holds for a value that the keys lead to, from `at` on. Own properties only; an array on the way stands
 * for any of its elements (but an array directly inside an array has no keys to follow). A path that leads nowhere
 * reaches no value.
 */
export function reach(value: unknown, keys: readonly string[], at: number, test: (value: unknown) => boolean): boolean {
  if (at === keys.length) return test(value);
  if (!Array.isArray(value)) return step(value, keys, at, test);
  for (let i = 0; i < value.length; i++) {
    if (!Array.isArray(value[i]) && step(value[i], keys, at, test)) return true;
  }
  return false;
}

function step(value: unknown, keys: readonly string[], at: number, test: (value: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const key = keys[at]!;
  return Object.hasOwn(value, key) && reach(value[key as keyof typeof value], keys, at + 1, test);
}
