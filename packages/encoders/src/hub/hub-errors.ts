import { NearfieldError } from '@nearfield/engine/encoder';
import type { HubAnswer } from './hub-client.js';

/** What an answer of failure means. Addresses are shown without their query, which may hold a signature. */
export function refusal({ response, reason }: HubAnswer, url: URL, name: string): NearfieldError {
  const received = `${response.status} ${reason ?? response.statusText}`.trim();
  const place = `${url.origin}${url.pathname}`;
  switch (response.status) {
    case 404:
    case 410:
      return new NearfieldError('MODEL_NOT_FOUND', `${name} is not at ${place}`, { received });
    case 401:
    case 403: {
      const remedy = 'Check the name; for a private or gated model set HF_TOKEN to a token that may read it.';
      return new NearfieldError('MODEL_UNAVAILABLE', `${place} refuses to give ${name}`, { received, remedy });
    }
    default:
      return new NearfieldError('MODEL_UNAVAILABLE', `${place} does not give ${name}`, { received });
  }
}

export function unreachable(url: URL, cause: unknown): NearfieldError {
  const received = typeof cause === 'string' ? cause : networkReason(cause);
  return new NearfieldError('MODEL_UNAVAILABLE', `No whole answer came from ${url.host}`, { received }, { cause });
}

/** `fetch` hides what happened behind "fetch failed". */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return error instanceof Error ? error.message : String(error);
}
