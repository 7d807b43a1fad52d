import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, NearfieldError, type MediaSource } from '@nearfield/engine/encoder';

/** How messages name a source: its path, or how many bytes it is. */
export function mediaName(source: MediaSource): string {
  return typeof source === 'string' || source instanceof URL ? String(source) : `of ${source.byteLength} bytes`;
}

/** An UNREADABLE_MEDIA error about a source, whose message names it and says why it cannot be read and what to do. */
export function unreadable(
  kind: 'image' | 'sound',
  source: MediaSource,
  why: string,
  { remedy, ...more }: { expected?: string; received?: string; remedy?: string; cause?: unknown } = {},
): NearfieldError {
  const { cause, ...details } = more;
  const what = `Cannot read the ${kind} ${mediaName(source)}: ${why}`;
  return new NearfieldError('UNREADABLE_MEDIA', what, { ...details, ...(remedy && { remedy }) }, { cause });
}

/** The same error, about the input at that position of a call. */
export function atPosition(error: NearfieldError, position: number): NearfieldError {
  const located = new NearfieldError(error.code, '', { ...error.details, record: position }, { cause: error.cause });
  located.message = error.message;
  return located;
}

/**
 * The path of a source that is not bytes: a string that begins with `file:` is a URL, every other one a path. Throws
 * UNREADABLE_MEDIA for a URL of another kind.
 */
export function mediaPath(kind: 'image' | 'sound', source: string | URL): string {
  if (typeof source === 'string' && !/^[a-z][a-z\d+.-]+:\/\/|^file:/i.test(source)) return source;
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw unreadable(kind, source, 'it is not a local file', {
      expected: 'a path, a file: URL or bytes',
      remedy: 'Download it first, and give the path or the bytes.',
      cause,
    });
  }
}

/** The bytes of a source, at most `limit` of them. Throws UNREADABLE_MEDIA: no such file, a folder, empty, too large. */
export async function readMedia(kind: 'image' | 'sound', source: MediaSource, limit: number): Promise<Uint8Array> {
  const bytes =
    typeof source === 'string' || source instanceof URL ? await readFileOf(kind, source, limit) : bytesOf(kind, source);
  if (bytes.byteLength > limit) throw tooLarge(kind, source, bytes.byteLength, limit);
  if (bytes.byteLength === 0) throw unreadable(kind, source, 'it is empty');
  return bytes;
}

function bytesOf(kind: 'image' | 'sound', source: Uint8Array): Uint8Array {
  if (source instanceof Uint8Array) return source;
  throw new NearfieldError('INVALID_INPUT', `An ${kind} of this kind cannot be read`, {
    expected: 'a path, a file: URL or bytes',
    received: describe(source),
  });
}

async function readFileOf(kind: 'image' | 'sound', source: string | URL, limit: number): Promise<Uint8Array> {
  const path = mediaPath(kind, source);
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const status = await file.stat();
    if (status.isDirectory()) throw unreadable(kind, source, 'it is a folder', { expected: 'a file' });
    if (!status.isFile()) throw unreadable(kind, source, 'it is not a regular file', { expected: 'a file' });
    if (status.size > limit) throw tooLarge(kind, source, status.size, limit);
    return await file.readFile();
  } catch (cause) {
    if (cause instanceof NearfieldError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw unreadable(kind, source, 'there is no such file', { remedy: 'Check the path.', cause });
    }
    if (code === 'EACCES' || code === 'EPERM') {
      throw unreadable(kind, source, 'its permissions do not allow it', { remedy: 'Grant read access.', cause });
    }
    throw unreadable(kind, source, message, { cause });
  } finally {
    await file?.close();
  }
}

function tooLarge(kind: 'image' | 'sound', source: MediaSource, size: number, limit: number): NearfieldError {
  return unreadable(kind, source, 'the file is too large', {
    expected: `at most ${limit} bytes`,
    received: `${size} bytes`,
    remedy: 'Give a smaller version of it.',
  });
}
