import { abortError, throwIfAborted } from '../errors/index.js';
import { STREAM_BATCH_BYTES, STREAM_BATCH_RECORDS } from './limits.js';

export type RecordSource<T> = readonly T[] | Iterable<T> | AsyncIterable<T>;

/** Cuts a stream into batches that bound the memory in use; the source is only asked for more when a batch was taken. */
export async function* batches<T>(source: Iterable<T> | AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for await (const record of signal === undefined ? source : abortable(source, signal)) {
    throwIfAborted(signal);
    batch.push(record);
    bytes += weigh(record);
    if (batch.length >= STREAM_BATCH_RECORDS || bytes >= STREAM_BATCH_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

/** The same source, but an abort does not wait for one that is slow to answer. */
async function* abortable<T>(source: Iterable<T> | AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let yielding = false;
  try {
    for (;;) {
      throwIfAborted(signal);
      const next = await nextOrAbort(iterator, signal);
      if (next.done === true) return;
      yielding = true;
      yield next.value;
      yielding = false;
    }
  } finally {
    // A source that is stuck would be stuck in its return, too.
    if (yielding) await iterator.return?.();
    else if (signal.aborted) Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function nextOrAbort<T>(iterator: Iterator<T> | AsyncIterator<T>, signal: AbortSignal): Promise<IteratorResult<T>> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(abortError(signal));
    };
    signal.addEventListener('abort', abort, { once: true });
    const next = Promise.resolve(iterator.next());
    next.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The last record of each id, in the order of their last places. Records whose id is no id are left for the check. */
export function lastOfEachId(records: readonly { readonly id: unknown }[]): number[] {
  const last = new Map<unknown, number>();
  for (const [i, { id }] of records.entries()) last.set(id, i);
  return [...last.values()].sort((a, b) => a - b);
}

/** Roughly the bytes of a record's long values. */
function weigh(record: unknown): number {
  if (typeof record !== 'object' || record === null) return 0;
  let bytes = 0;
  for (const value of Object.values(record)) {
    if (typeof value === 'string') bytes += value.length;
    else if (value instanceof Uint8Array) bytes += value.byteLength;
  }
  return bytes + weighVectors((record as { vectors?: unknown }).vectors);
}

function weighVectors(vectors: unknown): number {
  if (typeof vectors !== 'object' || vectors === null) return 0;
  let bytes = 0;
  for (const part of Object.values(vectors).flat()) if (part instanceof Float32Array) bytes += part.byteLength;
  return bytes;
}
