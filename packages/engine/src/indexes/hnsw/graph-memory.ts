import { NearfieldError } from '../../errors/index.js';

const PAGE = 65_536;
const MAX_PAGES = 65_536;

/** Whole pages taken from the end of a shared memory. Growing it is atomic, so that any thread may take some. */
export function allocatePages(memory: WebAssembly.Memory, bytes: number): number {
  const pages = Math.ceil(bytes / PAGE);
  try {
    return memory.grow(pages) * PAGE;
  } catch (cause) {
    throw exhausted(memory.buffer.byteLength + bytes, cause);
  }
}

/** A memory of one page, of which the kernel keeps the first kilobyte; throws MEMORY_EXHAUSTED when `bytes` do not fit 4 GiB. */
export function createGraphMemory(bytes: number): WebAssembly.Memory {
  if (bytes > (MAX_PAGES - 1) * PAGE) throw exhausted(bytes);
  return new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true });
}

function exhausted(bytes: number, cause?: unknown): NearfieldError {
  return new NearfieldError(
    'MEMORY_EXHAUSTED',
    'No memory for a graph',
    { expected: 'at most 4 GiB for a segment', received: `${bytes} bytes`, remedy: 'Split it over more segments.' },
    { cause },
  );
}
