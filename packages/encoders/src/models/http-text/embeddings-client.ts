import { NearfieldError, isPlainObject, throwIfAborted } from '@nearfield/engine/encoder';
import { isTransientStatus, pause, retryDelay } from '../../http/retry.js';
import { readEmbeddings } from './embeddings-answer.js';
import type { HttpTextSettings } from './options.js';

const BASE_MS = 500;
const MAX_WAIT_MS = 60_000;

/** Characters of a service's own explanation that are shown. */
const SHOWN = 300;

/**
 * Asks a service for embeddings by OpenAI's protocol (`POST /v1/embeddings`). The key is read from the environment for
 * each request, and stands in no message.
 */
export class EmbeddingsClient {
  constructor(
    private readonly name: string,
    private readonly settings: HttpTextSettings,
  ) {}

  /**
   * One embedding a text, in order. Failures that may pass are repeated with growing waits, or those that the service asks
   * for. Throws ENCODER_UNAVAILABLE, ENCODER_FAILED for texts or a model that the service does not take and for answers
   * of another form, INVALID_ARGUMENT for an unusable key, and ABORTED.
   */
  async embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const { retries, url, timeout } = this.settings;
    const policy = { retries, baseMs: BASE_MS, maxMs: MAX_WAIT_MS };
    const headers = this.#headers();
    const body = this.#body(texts);
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(signal);
      let failure: Failure;
      try {
        const limits = AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]);
        // A redirect would lead the texts and the key to somebody else.
        const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: limits });
        const text = await response.text();
        if (response.ok) return readEmbeddings(text, texts.length, this.name);
        failure = this.#failure(response, text);
      } catch (error) {
        throwIfAborted(signal);
        if (error instanceof NearfieldError) throw error;
        failure = { error: this.#unreachable(error), transient: true };
      }
      const wait = failure.transient ? retryDelay(attempt, policy, failure.retryAfter) : undefined;
      if (wait === undefined) throw failure.error;
      await pause(wait, signal).catch(() => throwIfAborted(signal));
    }
  }

  #headers(): Record<string, string> {
    const { apiKeyEnv } = this.settings;
    const key = this.#key();
    if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
      throw new NearfieldError('INVALID_ARGUMENT', `The environment variable ${apiKeyEnv} holds no key`, {
        expected: 'printable ASCII without spaces',
        field: 'apiKeyEnv',
      });
    }
    return {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
  }

  #key(): string | undefined {
    return process.env[this.settings.apiKeyEnv]?.trim() || undefined;
  }

  #body(texts: readonly string[]): string {
    const { model, dimensions } = this.settings;
    return JSON.stringify({
      model,
      // Services refuse an empty text.
      input: texts.map((text) => text || ' '),
      // A quarter of the bytes of numbers in JSON; a service that does not know it sends those.
      encoding_format: 'base64',
      ...(dimensions === undefined ? {} : { dimensions }),
    });
  }

  #failure(response: Response, text: string): Failure {
    const { status } = response;
    const { message, code } = explanation(text);
    const received = `${status} ${this.#withoutKey(message || response.statusText)}`.trim();
    const place = this.#place();
    if (status === 401 || status === 403) {
      const remedy = `Set the environment variable ${this.settings.apiKeyEnv} to a key of this service.`;
      const error = new NearfieldError('ENCODER_UNAVAILABLE', `${place} refuses access`, { received, remedy });
      return { error, transient: false };
    }
    if (isTransientStatus(status)) {
      const remedy = 'Try again later.';
      const error = new NearfieldError('ENCODER_UNAVAILABLE', `${place} gives no embeddings`, { received, remedy });
      // A used-up account does not fill while one waits.
      return { error, transient: code !== 'insufficient_quota', retryAfter: response.headers.get('retry-after') };
    }
    const remedy = 'Check `url` and `model`, and that the texts are not too long for the model.';
    const error = new NearfieldError('ENCODER_FAILED', `${place} does not take the request`, { received, remedy });
    return { error, transient: false };
  }

  #unreachable(error: unknown): NearfieldError {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const received =
      error instanceof Error && error.name === 'TimeoutError'
        ? `nothing within ${this.settings.timeout} ms`
        : this.#withoutKey(cause instanceof Error ? cause.message || cause.name : String(cause));
    const details = { received, remedy: 'Check `url` and the network.' };
    return new NearfieldError('ENCODER_UNAVAILABLE', `${this.#place()} cannot be reached`, details, { cause: error });
  }

  /** The address without its query, which may hold a secret. */
  #place(): string {
    const { origin, pathname } = this.settings.url;
    return `${this.name} at ${origin}${pathname}`;
  }

  #withoutKey(message: string): string {
    const key = this.#key();
    const safe = key === undefined ? message : message.replaceAll(key, '***');
    return safe.slice(0, SHOWN);
  }
}

interface Failure {
  readonly error: NearfieldError;
  readonly transient: boolean;
  readonly retryAfter?: string | null;
}

/** What the service says: `{ error: { message, code } }`, or text. */
function explanation(text: string): { message: string; code?: unknown } {
  try {
    const answer: unknown = JSON.parse(text);
    const error = isPlainObject(answer) ? (answer.error ?? answer) : undefined;
    if (isPlainObject(error)) return { message: String(error.message ?? error.detail ?? text), code: error.code };
  } catch {
    // Plain text, or the page of a gateway.
  }
  return { message: text.trim() };
}
