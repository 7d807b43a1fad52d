import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, NearfieldError, type MediaSource } from '@nearfield/engine/encoder';
import { unreadable, type MediaKind } from './unreadable.js';

/** Bytes of a file that are read at once. */
const READ_SIZE = 1 << 18;

/**
 * The path of a source that is not bytes: a string that begins with `file:` is a URL, every other one a path. Throws
 * UNREADABLE_MEDIA for a URL of another kind.
 */
export function mediaPath(kind: MediaKind, source: string | URL): string {
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
export async function readMedia(kind: MediaKind, source: MediaSource, limit: number): Promise<Uint8Array> {
  const bytes = isLocation(source)
    ? await withFile(kind, source, (file, size) => {
        if (size > limit) throw tooLarge(kind, source, size, limit);
        return file.readFile();
      })
    : bytesOf(kind, source);
  if (bytes.byteLength > limit) throw tooLarge(kind, source, bytes.byteLength, limit);
  if (bytes.byteLength === 0) throw unreadable(kind, source, 'it is empty');
  return bytes;
}

/**
 * The bytes of a source in pieces of at most 256 KiB; a piece is valid until the next one is asked for. Throws
 * UNREADABLE_MEDIA as `readMedia` does, but for no size.
 */
export async function* readMediaPieces(kind: MediaKind, source: MediaSource): AsyncGenerator<Uint8Array> {
  if (!isLocation(source)) {
    const bytes = bytesOf(kind, source);
    if (bytes.length === 0) throw unreadable(kind, source, 'it is empty');
    for (let at = 0; at < bytes.length; at += READ_SIZE) yield bytes.subarray(at, at + READ_SIZE);
    return;
  }
  const file = await withReason(kind, source, () => open(mediaPath(kind, source)));
  try {
    const size = await withReason(kind, source, () => sizeOf(kind, source, file));
    if (size === 0) throw unreadable(kind, source, 'it is empty');
    const buffer = new Uint8Array(Math.min(READ_SIZE, size));
    for (;;) {
      const { bytesRead } = await withReason(kind, source, () => file.read(buffer, 0, buffer.length));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function isLocation(source: MediaSource): source is string | URL {
  return typeof source === 'string' || source instanceof URL;
}

function bytesOf(kind: MediaKind, source: Uint8Array): Uint8Array {
  if (source instanceof Uint8Array) return source;
  throw new NearfieldError('INVALID_INPUT', `The ${kind} cannot be read`, {
    expected: 'a path, a file: URL or bytes',
    received: describe(source),
  });
}

async function withFile<T>(
  kind: MediaKind,
  source: string | URL,
  work: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  return withReason(kind, source, async () => {
    const file = await open(mediaPath(kind, source));
    try {
      return await work(file, await sizeOf(kind, source, file));
    } finally {
      await file.close();
    }
  });
}

/** The bytes of a regular file. Throws UNREADABLE_MEDIA for what is none. */
async function sizeOf(kind: MediaKind, source: string | URL, file: FileHandle): Promise<number> {
  const status = await file.stat();
  if (status.isDirectory()) throw unreadable(kind, source, 'it is a folder', { expected: 'a file' });
  if (!status.isFile()) throw unreadable(kind, source, 'it is not a regular file', { expected: 'a file' });
  return status.size;
}

/** Does what touches a file; errors of the system come as UNREADABLE_MEDIA with their reason. */
async function withReason<T>(kind: MediaKind, source: string | URL, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
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
  }
}

function tooLarge(kind: MediaKind, source: MediaSource, size: number, limit: number): NearfieldError {
  return unreadable(kind, source, 'the file is too large', {
    expected: `at most ${limit} bytes`,
    received: `${size} bytes`,
    remedy: 'Give a smaller version of it.',
  });
}
