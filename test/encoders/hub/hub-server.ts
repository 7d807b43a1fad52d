import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** Paths to contents. */
export type HubFiles = Readonly<Record<string, string | Uint8Array>>;

export interface SeenRequest {
  readonly host: 'hub' | 'store';
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What goes wrong with a request; each is asked before the request is answered. */
export interface HubFaults {
  /**
   * Breaks the connection after so many bytes of the body, when `received` resolves: a connection that breaks takes
   * bytes with it that the client has not read.
   */
  cut?: (request: SeenRequest) => { readonly after: number; readonly received?: Promise<void> } | undefined;
  /** What is waited for before an answer begins. */
  before?: (request: SeenRequest) => Promise<void> | undefined;
  /** A status in place of an answer, with headers. */
  status?: (request: SeenRequest) => [status: number, headers?: Record<string, string>] | undefined;
  /** The bytes that are sent in place of the file. */
  replace?: (path: string, content: Buffer) => Buffer;
}

export interface HubServerOptions {
  /** Whether revisions are described with their files, as the hub does; a plain mirror has no such address. */
  readonly api?: boolean;
  /** What the server calls the commit; default: 40 hexadecimal digits. */
  readonly commit?: string;
  /** Further entries of the description. */
  readonly siblings?: readonly object[];
  readonly faults?: HubFaults;
}

export interface HubServer {
  readonly endpoint: string;
  readonly seen: SeenRequest[];
  readonly commit: string;
  close(): Promise<void>;
}

/**
 * Serves repositories as the Hugging Face hub does: `/api/models/<repository>/revision/<revision>` describes the commit
 * and its files, `/<repository>/resolve/<revision>/<path>` gives small files itself and sends for large ones (`.onnx`,
 * `.onnx_data`) to a store of another origin, after telling their SHA-256. Every revision is the one commit.
 */
export async function hubServer(
  t: Test,
  repositories: Readonly<Record<string, HubFiles>>,
  { api = true, commit: named, siblings = [], faults = {} }: HubServerOptions = {},
): Promise<HubServer> {
  const seen: SeenRequest[] = [];
  const contents = new Map(
    Object.entries(repositories).map(([name, files]) => [
      name,
      new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content as Uint8Array)])),
    ]),
  );
  const commit = named ?? createHash('sha1').update(JSON.stringify(repositories)).digest('hex');
  const store = await listen(async (request, response) => {
    const record = note(seen, 'store', request);
    await faults.before?.(record);
    const [, repository = '', path = ''] = /^\/store\/([^?]+)\?path=(.*)$/.exec(record.path) ?? [];
    const content = contents.get(decodeURIComponent(repository))?.get(decodeURIComponent(path));
    if (!failed(record, response, faults))
      send(record, response, faults, content && replaced(path, content, faults), {});
  });
  const hub = await listen(async (request, response) => {
    const record = note(seen, 'hub', request);
    await faults.before?.(record);
    if (failed(record, response, faults)) return;
    const described = /^\/api\/models\/(.+)\/revision\/[^/]+$/.exec(record.path.split('?')[0] ?? '');
    const resolved = /^\/(.+)\/resolve\/[^/]+\/(.+)$/.exec(record.path);
    const repository = (described ?? resolved)?.[1] ?? '';
    const files = contents.get(repository);
    if (files === undefined) return void response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end();
    if (described !== null) {
      if (!api) return void response.writeHead(404).end();
      const listed = [...files].map(([path, content]) => sibling(path, content));
      return void response.end(JSON.stringify({ id: repository, sha: commit, siblings: [...listed, ...siblings] }));
    }
    const path = decodeURIComponent(resolved?.[2] ?? '');
    const content = files.get(path);
    if (content === undefined) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    const headers: Record<string, string> = { 'x-repo-commit': commit };
    if (!isLarge(path)) {
      return send(record, response, faults, replaced(path, content, faults), {
        ...headers,
        etag: `"${gitSha1(content)}"`,
      });
    }
    response.writeHead(302, {
      ...headers,
      'x-linked-etag': `"${sha256(content)}"`,
      'x-linked-size': String(content.length),
      location: `${store.address}/store/${encodeURIComponent(repository)}?path=${encodeURIComponent(path)}`,
    });
    response.end();
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= Promise.all([hub.close(), store.close()]).then(() => undefined));
  t.teardown(close);
  return { endpoint: hub.address, seen, commit, close };
}

/** Points the hub's environment variables at a server, and the model cache at a folder, until the test ends. */
export function useHub(t: Test, endpoint: string, cache: string, more: Readonly<Record<string, string>> = {}): void {
  const settings = { HF_ENDPOINT: endpoint, NEARFIELD_CACHE: cache, HF_TOKEN: '', HF_HUB_OFFLINE: '', ...more };
  for (const [name, value] of Object.entries(settings)) {
    const before = process.env[name];
    process.env[name] = value;
    t.teardown(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
export const gitSha1 = (content: Uint8Array): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

const isLarge = (path: string): boolean => /\.onnx(_data.*)?$/.test(path);

function sibling(path: string, content: Buffer): object {
  const entry = { rfilename: path, size: content.length };
  return isLarge(path)
    ? { ...entry, blobId: '0'.repeat(40), lfs: { sha256: sha256(content), size: content.length, pointerSize: 130 } }
    : { ...entry, blobId: gitSha1(content) };
}

function note(seen: SeenRequest[], host: SeenRequest['host'], request: IncomingMessage): SeenRequest {
  const record = { host, method: request.method ?? '', path: request.url ?? '', headers: request.headers };
  seen.push(record);
  return record;
}

function failed(record: SeenRequest, response: ServerResponse, { status }: HubFaults): boolean {
  const failure = status?.(record);
  if (failure === undefined) return false;
  response.writeHead(failure[0], failure[1]).end();
  return true;
}

function replaced(path: string, content: Buffer, { replace }: HubFaults): Buffer {
  return replace?.(path, content) ?? content;
}

/** Sends the content from the first byte that is asked for. */
function send(
  record: SeenRequest,
  response: ServerResponse,
  { cut: cutOf }: HubFaults,
  content: Buffer | undefined,
  headers: Record<string, string>,
): void {
  if (content === undefined) return void response.writeHead(404).end();
  const from = Number(/^bytes=(\d+)-$/.exec(record.headers.range ?? '')?.[1] ?? 0);
  if (from > 0 && from >= content.length) {
    return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
  }
  const range = from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(from > 0 ? 206 : 200, { ...headers, ...range, 'content-length': String(content.length - from) });
  if (record.method === 'HEAD') return void response.end();
  const cut = cutOf?.(record);
  if (cut === undefined) return void response.end(content.subarray(from));
  response.write(content.subarray(from, from + cut.after), () => {
    void (cut.received ?? Promise.resolve()).then(() => response.destroy());
  });
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ address: string; close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { address: `http://127.0.0.1:${port}`, close };
}
