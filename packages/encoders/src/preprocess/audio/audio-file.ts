import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { NearfieldError, type MediaSource } from '@nearfield/engine/encoder';

/** Bytes that are read from a file at once. */
const READ_SIZE = 1 << 18;

/** An error that names the sound and says why it cannot be read. */
export function unreadable(source: MediaSource, why: string, cause?: unknown): NearfieldError {
  return new NearfieldError('UNREADABLE_MEDIA', `Cannot read ${nameOf(source)} as sound: ${why}`, {}, { cause });
}

function nameOf(source: MediaSource): string {
  return source instanceof Uint8Array ? `${source.length} given bytes` : `"${String(source)}"`;
}

/**
 * The bytes of a sound in pieces of at most 256 KiB; a piece is valid until the next one is asked for. Throws
 * UNREADABLE_MEDIA for what is no file, is empty or cannot be opened.
 */
export async function* readBytes(source: MediaSource): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    if (source.length === 0) throw unreadable(source, 'it is empty');
    for (let at = 0; at < source.length; at += READ_SIZE) yield source.subarray(at, at + READ_SIZE);
    return;
  }
  const file = await openFile(source);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw unreadable(source, stat.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    if (stat.size === 0) throw unreadable(source, 'it is empty');
    const buffer = new Uint8Array(Math.min(READ_SIZE, stat.size));
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function openFile(source: string | URL): Promise<FileHandle> {
  try {
    return await open(pathOf(source), 'r');
  } catch (cause) {
    if (cause instanceof NearfieldError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : cause instanceof Error ? cause.message : String(cause);
    throw unreadable(source, why, cause);
  }
}

function pathOf(source: string | URL): string {
  if (typeof source === 'string' && !source.startsWith('file:')) return source;
  const url = new URL(source);
  if (url.protocol !== 'file:') throw unreadable(source, 'only file: URLs are read');
  return fileURLToPath(url);
}
