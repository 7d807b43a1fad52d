import { NearfieldError, type EncodeOptions, type MediaSource } from '@nearfield/engine/encoder';

/** How messages call what a source should hold. */
export type MediaKind = 'image' | 'sound';

interface Reason {
  readonly expected?: string;
  readonly received?: string;
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** An UNREADABLE_MEDIA error about a source, whose message names it and says why it cannot be read and what to do. */
export function unreadable(
  kind: MediaKind,
  source: MediaSource,
  why: string,
  { cause, ...details }: Reason = {},
): NearfieldError {
  const what = `Cannot read ${nameOf(source)} as ${kind === 'image' ? 'an image' : 'sound'}: ${why}`;
  return new NearfieldError('UNREADABLE_MEDIA', what, details, { cause });
}

function nameOf(source: MediaSource): string {
  return source instanceof Uint8Array ? `${source.length} given bytes` : `"${String(source)}"`;
}

/** An error that says that an input cannot be read. Throws every other one. */
export function unreadableOrThrow(error: unknown): NearfieldError {
  if (error instanceof NearfieldError && error.code === 'UNREADABLE_MEDIA') return error;
  throw error;
}

/** Tells of an input that cannot be read, by its position in the call; throws when nobody is to be told. */
export function reportUnreadable(
  error: NearfieldError,
  position: number,
  onUnreadable: EncodeOptions['onUnreadable'],
): void {
  const located = atPosition(error, position);
  if (onUnreadable === undefined) throw located;
  onUnreadable(position, located);
}

/** The same error, about the input at that position of a call. */
export function atPosition(error: NearfieldError, position: number): NearfieldError {
  const located = new NearfieldError(error.code, '', { ...error.details, record: position }, { cause: error.cause });
  located.message = error.message;
  return located;
}
