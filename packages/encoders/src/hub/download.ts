import { NearfieldError } from '@nearfield/engine/encoder';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isTransientStatus, pause, retryDelay, type RetryPolicy } from '../http/retry.js';
import { refusal, unreachable } from './hub-errors.js';
import type { HubAnswer, HubClient, RemoteFile } from './hub-client.js';
import { claimPartial, releasePartial } from './partial-file.js';
import { storageError } from './storage-error.js';
import { verifyFile } from './verify-file.js';

export interface Download {
  readonly url: URL;
  /** Where the file goes once it is complete and its checksum right. */
  readonly target: string;
  /** Where its SHA-256 (hex) is recorded before. */
  readonly record: string;
  /** What is known of the file beforehand. */
  readonly known: RemoteFile | undefined;
  /** Name of the file, for messages. */
  readonly name: string;
  readonly retry: RetryPolicy;
  readonly onProgress: (done: number, total: number | undefined) => void;
}

/** A server that sends nothing for so long, in milliseconds, counts as gone. */
const STALL_MS = 60_000;

/**
 * Downloads a file and gives its SHA-256 (hex). A cut connection is taken up where it broke, also by a later process;
 * only a complete file with the right checksum takes the target's name. Throws MODEL_NOT_FOUND, MODEL_UNAVAILABLE,
 * CHECKSUM_MISMATCH, STORAGE_FULL and STORAGE_FAILED.
 */
export async function download(client: HubClient, request: Download): Promise<string> {
  let partial: string | undefined;
  try {
    await mkdir(dirname(request.target), { recursive: true });
    await mkdir(dirname(request.record), { recursive: true });
    partial = await claimPartial(request.target);
    const sha256 = await fetchVerified(client, request, partial);
    await writeFile(request.record, `${sha256}\n`);
    await rename(partial, request.target);
    return sha256;
  } catch (error) {
    const failure = storageError(error, request.name);
    // A part that fills the disk helps nobody.
    if (partial !== undefined && failure instanceof NearfieldError && failure.code === 'STORAGE_FULL') {
      await rm(partial, { force: true });
    }
    throw failure;
  } finally {
    if (partial !== undefined) releasePartial(partial);
  }
}

/** Once more from the start when what was taken up turns out wrong: its beginning may have been another file's. */
async function fetchVerified(client: HubClient, request: Download, partial: string): Promise<string> {
  for (let resumable = true; ; resumable = false) {
    const { file, resumed } = await fetchWhole(client, request, partial);
    try {
      return await verifyFile(partial, [request.known ?? {}, file], request.name);
    } catch (error) {
      await rm(partial, { force: true });
      if (!resumed || !resumable) throw error;
    }
  }
}

interface Fetched {
  readonly file: RemoteFile;
  readonly resumed: boolean;
}

async function fetchWhole(client: HubClient, request: Download, partial: string): Promise<Fetched> {
  let resumed = false;
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(partial);
    resumed ||= before > 0;
    const outcome = await fetchOnce(client, request, partial, before);
    if (outcome.kind === 'complete') return { file: outcome.file, resumed };
    // Who makes progress is not counted out.
    if ((await sizeOf(partial)) > before) attempt = 1;
    const wait = retryDelay(attempt, request.retry, outcome.retryAfter);
    if (wait === undefined) throw outcome.error;
    await pause(wait);
  }
}

type Outcome =
  | { readonly kind: 'complete'; readonly file: RemoteFile }
  | { readonly kind: 'failed'; readonly error: unknown; readonly retryAfter?: string | null };

async function fetchOnce(client: HubClient, request: Download, partial: string, from: number): Promise<Outcome> {
  const abort = new AbortController();
  const stall = setTimeout(() => abort.abort(new Error(`No data for ${STALL_MS / 1000} s`)), STALL_MS);
  let answer: HubAnswer | undefined;
  try {
    answer = await client.request(request.url, { from, signal: abort.signal });
    const { response, file } = answer;
    if (response.status === 416) {
      // There is nothing after the last byte: the part is the whole, or longer than it and of no use.
      if (from === totalOf(response)) return { kind: 'complete', file };
      await rm(partial, { force: true });
      return { kind: 'failed', error: unreachable(request.url, 'the range was refused') };
    }
    if (!response.ok) {
      const error = refusal(answer, request.url, request.name);
      if (!isTransientStatus(response.status)) throw error;
      return { kind: 'failed', error, retryAfter: response.headers.get('retry-after') };
    }
    if (startOf(response) > from) return { kind: 'failed', error: unreachable(request.url, 'bytes are missing') };
    const complete = await receive(response, request, partial, () => stall.refresh());
    return complete
      ? { kind: 'complete', file }
      : { kind: 'failed', error: unreachable(request.url, 'the end is missing') };
  } catch (error) {
    if (error instanceof NearfieldError || isLocal(error)) throw error;
    return { kind: 'failed', error: unreachable(request.url, error) };
  } finally {
    clearTimeout(stall);
    // What is not read to the end would keep its connection.
    abort.abort();
  }
}

/** Writes the body to the partial file; false when it ends before its announced end. */
async function receive(
  response: Response,
  { onProgress, known }: Download,
  partial: string,
  onData: () => void,
): Promise<boolean> {
  const total = totalOf(response) ?? known?.size;
  let done = startOf(response);
  const file = await open(partial, done === 0 ? 'w' : 'r+');
  try {
    onProgress(done, total);
    for await (const chunk of response.body ?? []) {
      onData();
      await file.write(chunk, 0, chunk.byteLength, done);
      done += chunk.byteLength;
      onProgress(done, total);
      if (total !== undefined && done > total) break;
    }
    await file.truncate(done);
    await file.sync();
  } finally {
    await file.close();
  }
  return total === undefined || done >= total;
}

/** The first byte that an answer holds. */
function startOf(response: Response): number {
  if (response.status !== 206) return 0;
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? 0);
}

/** The length of the whole file, where the answer tells it. */
function totalOf({ status, headers }: Response): number | undefined {
  const range = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  if (range !== undefined) return Number(range);
  const length = headers.get('content-length');
  return status === 200 && length !== null && !headers.has('content-encoding') ? Number(length) : undefined;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Whether the file system failed rather than the network. */
function isLocal(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | undefined)?.syscall === 'string';
}
