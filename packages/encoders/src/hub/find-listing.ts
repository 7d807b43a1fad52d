import { NearfieldError } from '@nearfield/engine/encoder';
import { createHash } from 'node:crypto';
import { isTransientStatus, pause, retryDelay, type RetryPolicy } from '../http/retry.js';
import type { HubCache } from './hub-cache.js';
import type { HubAnswer, HubClient } from './hub-client.js';
import { refusal, unreachable } from './hub-errors.js';
import { isCommit, readListing, type Listing } from './listing.js';

/** Without an answer for so long, in milliseconds, a server counts as gone; sooner when there is something to fall back on. */
const TIMEOUT_MS = 30_000;
const SHORT_TIMEOUT_MS = 5_000;

/** A file that every model has, to learn the commit from a server that lists no files. */
const PROBE = 'config.json';

interface Wanted {
  readonly repository: string;
  readonly revision: string;
  readonly retry: RetryPolicy;
}

/**
 * The commit of a revision and its files: of a commit from the cache, else from the hub, and from the cache again when
 * the hub cannot be reached. Throws MODEL_NOT_FOUND and MODEL_UNAVAILABLE.
 *
 * @param client undefined to ask nobody
 */
export async function findListing(client: HubClient | undefined, cache: HubCache, wanted: Wanted): Promise<Listing> {
  const { repository, revision } = wanted;
  const cached = await cache.listing(revision);
  // What a commit names never changes.
  if (cached !== undefined && (client === undefined || cached.commit === revision)) return cached;
  if (client === undefined) {
    const remedy = 'Unset HF_HUB_OFFLINE once to download it, or give a local folder.';
    throw new NearfieldError('MODEL_UNAVAILABLE', `Model ${repository} was not downloaded before`, { remedy });
  }
  try {
    // With something to fall back on, an app without a network should not wait for one.
    const listing =
      cached === undefined
        ? await askedListing(client, wanted, TIMEOUT_MS)
        : await askedListing(client, { ...wanted, retry: { ...wanted.retry, retries: 0 } }, SHORT_TIMEOUT_MS);
    await cache.saveListing(revision, listing);
    return listing;
  } catch (error) {
    if (cached !== undefined && error instanceof NearfieldError && error.code === 'MODEL_UNAVAILABLE') return cached;
    throw error;
  }
}

async function askedListing(client: HubClient, wanted: Wanted, timeoutMs: number): Promise<Listing> {
  const { repository, revision, retry } = wanted;
  const name = `Model ${repository} at revision ${revision}`;
  const url = client.revisionUrl(repository, revision);
  const { answer, body } = await ask(client, url, { method: 'GET', retry, timeoutMs });
  if (answer.response.ok) {
    const listing = readListing(parsed(body), repository);
    if (listing !== undefined) return listing;
  } else if (answer.response.status !== 404 || answer.reason !== undefined) {
    throw refusal(answer, url, name);
  }
  // A plain mirror has the files alone.
  const probe = client.fileUrl(repository, revision, PROBE);
  const { answer: head } = await ask(client, probe, { method: 'HEAD', retry, timeoutMs });
  if (!head.response.ok) throw refusal(head, probe, name);
  const commit = isCommit(head.commit) ? head.commit : standIn(client, repository, revision);
  return { commit, revision, files: undefined };
}

/** Whether a file is on the server. Throws MODEL_UNAVAILABLE. */
export async function exists(client: HubClient, url: URL, name: string, retry: RetryPolicy): Promise<boolean> {
  const { answer } = await ask(client, url, { method: 'HEAD', retry, timeoutMs: TIMEOUT_MS });
  if (answer.response.ok) return true;
  if (answer.response.status === 404) return false;
  throw refusal(answer, url, name);
}

async function ask(
  client: HubClient,
  url: URL,
  { method, retry, timeoutMs }: { method: 'GET' | 'HEAD'; retry: RetryPolicy; timeoutMs: number },
): Promise<{ answer: HubAnswer; body: string }> {
  for (let attempt = 1; ; attempt++) {
    let answer: HubAnswer | undefined;
    let failure: unknown;
    try {
      answer = await client.request(url, { method, signal: AbortSignal.timeout(timeoutMs) });
      const body = await answer.response.text();
      if (!isTransientStatus(answer.response.status)) return { answer, body };
    } catch (error) {
      failure = error;
    }
    const wait = retryDelay(attempt, retry, answer?.response.headers.get('retry-after'));
    if (wait === undefined) {
      const answered = answer !== undefined && failure === undefined;
      throw answered ? refusal(answer as HubAnswer, url, url.pathname) : unreachable(url, failure);
    }
    await pause(wait);
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A name in the cache for the state of a server that knows no commits. */
function standIn(client: HubClient, repository: string, revision: string): string {
  return createHash('sha256').update(`${client.endpoint}\n${repository}\n${revision}`).digest('hex').slice(0, 40);
}
