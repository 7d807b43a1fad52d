import type { HubEnvironment } from './environment.js';

/** What the hub says of a file. Sizes in bytes, checksums in hex. */
export interface RemoteFile {
  readonly size?: number;
  /** Of a large file (Git LFS). */
  readonly sha256?: string;
  /** Git's name of a small file: SHA-1 of a header and the content. */
  readonly gitSha1?: string;
}

export interface HubAnswer {
  /** Its body must be read or cancelled. */
  readonly response: Response;
  /** The commit that the file is of, when the server is a hub. */
  readonly commit: string | undefined;
  readonly file: RemoteFile;
  /** The hub's own reason for a failure, such as `RepoNotFound`. */
  readonly reason: string | undefined;
}

export interface HubRequest {
  readonly method?: 'GET' | 'HEAD';
  /** The first byte that is wanted. */
  readonly from?: number;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 8;

/**
 * Requests to the hub. Redirects are followed by hand: the hub's answers about a file stand in the redirect, and the
 * token must not reach the host that it leads to.
 */
export class HubClient {
  readonly #origin: string;

  constructor(private readonly environment: HubEnvironment) {
    this.#origin = new URL(environment.endpoint).origin;
  }

  get endpoint(): string {
    return this.environment.endpoint;
  }

  /** The address of a file of a repository at a revision. */
  fileUrl(repository: string, revision: string, path: string): URL {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return new URL(`${this.endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${encoded}`);
  }

  /** The address of the description of a revision: its commit and its files. */
  revisionUrl(repository: string, revision: string): URL {
    return new URL(`${this.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`);
  }

  /** Rejects with a TypeError when no answer comes, as `fetch` does; an answer of failure is an answer. */
  async request(url: URL, { method = 'GET', from = 0, signal }: HubRequest): Promise<HubAnswer> {
    let commit: string | undefined;
    let file: RemoteFile = {};
    let reason: string | undefined;
    let next = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const own = next.origin === this.#origin;
      const response = await fetch(next, { method, headers: this.#headers(own, from), redirect: 'manual', signal });
      if (own) {
        commit ??= response.headers.get('x-repo-commit') ?? undefined;
        file = Object.assign(described(response), file);
        reason ??= response.headers.get('x-error-code') ?? undefined;
      }
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null)
        return { response, commit, file, reason };
      await response.body?.cancel();
      const target = new URL(location, next);
      if (!/^https?:$/.test(target.protocol) || (next.protocol === 'https:' && target.protocol === 'http:')) {
        throw new TypeError(`The server redirects to ${target.protocol}//${target.host}, which is not followed`);
      }
      next = target;
    }
    throw new TypeError(`More than ${MAX_REDIRECTS} redirects`);
  }

  #headers(own: boolean, from: number): Record<string, string> {
    const { token } = this.environment;
    return {
      'user-agent': 'nearfield',
      // A compressed answer could not be resumed.
      'accept-encoding': 'identity',
      ...(from > 0 ? { range: `bytes=${from}-` } : {}),
      ...(own && token !== undefined ? { authorization: `Bearer ${token}` } : {}),
    };
  }
}

/** A large file is described by `x-linked-*`, a small one by the entity tag of a hub's answer. */
function described({ headers }: Response): RemoteFile {
  const linked = tag(headers.get('x-linked-etag'));
  const plain = headers.has('x-repo-commit') ? tag(headers.get('etag')) : undefined;
  const hash = linked ?? plain;
  const size = headers.get('x-linked-size');
  return {
    ...(size !== null && /^\d+$/.test(size) ? { size: Number(size) } : {}),
    ...(hash?.length === 64 ? { sha256: hash } : {}),
    ...(hash?.length === 40 ? { gitSha1: hash } : {}),
  };
}

function tag(header: string | null): string | undefined {
  return header === null
    ? undefined
    : /^(?:W\/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?$/i.exec(header.trim())?.[1]?.toLowerCase();
}
