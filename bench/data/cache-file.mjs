import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything that suites keep from run to run. It can be deleted at any time. */
export const CACHE = fileURLToPath(new URL('../.cache/', import.meta.url));

/** Bytes in one call of the system: a single read or write of 2 GiB or more fails. */
const PIECE = 2 ** 28;

/**
 * The first `length` elements of the raw file `path`, which is made first if it is not there: `make` gives all of it. The
 * file appears whole or not at all. `Type` is Float32Array or Int32Array, in the machine's byte order.
 */
export async function cachedArray(path, Type, length, make) {
  if (!existsSync(path)) writeWhole(path, await make());
  const array = new Type(length);
  const bytes = Buffer.from(array.buffer);
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).size < bytes.length) throw new Error(`${path} is shorter than ${length} elements: delete it`);
    for (let at = 0; at < bytes.length; ) at += readSync(file, bytes, at, Math.min(PIECE, bytes.length - at), at);
  } finally {
    closeSync(file);
  }
  return array;
}

function writeWhole(path, array) {
  mkdirSync(dirname(path), { recursive: true });
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const unfinished = `${path}.${process.pid}.unfinished`;
  const file = openSync(unfinished, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(PIECE, bytes.length - at));
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
}
