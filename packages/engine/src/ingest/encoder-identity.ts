import type { EncoderIdentity } from '../encoder/encoder.js';

export function sameIdentity(a: EncoderIdentity, b: EncoderIdentity): boolean {
  return identityKey(a) === identityKey(b);
}

/** A text that equal identities have in common, and no others. */
export function identityKey({ name, version, checksum, options }: EncoderIdentity): string {
  return JSON.stringify([name, version, checksum, sortedEntries(options)]);
}

function sortedEntries(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedEntries);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, member]) => [key, sortedEntries(member)]);
}
