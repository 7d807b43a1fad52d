import { MESSAGE_PACK_TYPES } from './message-pack.js';
import type { WireFormat } from './outgoing.js';

/**
 * The format of an answer (RFC 9110, section 12.5.1): what `Accept` names and prefers; if it names neither format, that
 * of the request's body; JSON when there is none.
 */
export function answerFormat(accept: string | undefined, contentType: string | undefined): WireFormat {
  let best: { format: WireFormat; quality: number } | undefined;
  for (const range of (accept ?? '').split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const format = formatOf(type);
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (format !== undefined && quality > (best?.quality ?? 0)) best = { format, quality };
  }
  return best?.format ?? formatOf(contentType?.split(';', 1)[0].trim().toLowerCase()) ?? 'json';
}

function formatOf(type: string | undefined): WireFormat | undefined {
  if (type === undefined) return undefined;
  if (MESSAGE_PACK_TYPES.includes(type)) return 'msgpack';
  return type === 'application/json' ? 'json' : undefined;
}
