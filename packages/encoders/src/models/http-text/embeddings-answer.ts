import { NearfieldError, describe, isPlainObject } from '@nearfield/engine/encoder';

/**
 * The embeddings of an answer `{ data: [{ index, embedding }] }`, in the order of the request. An embedding is a list of
 * numbers or little-endian 32-bit floats in base64. Throws ENCODER_FAILED for anything else.
 */
export function readEmbeddings(text: string, count: number, name: string): Float32Array[] {
  const answer = parsed(text);
  const data = isPlainObject(answer) ? answer.data : undefined;
  if (!Array.isArray(data) || data.length !== count) {
    throw unexpected(
      name,
      `${count} embeddings`,
      Array.isArray(data) ? `${data.length} embeddings` : text.slice(0, 100),
    );
  }
  const embeddings: Float32Array[] = Array.from({ length: count });
  for (const [place, entry] of (data as unknown[]).entries()) {
    const { index = place, embedding = undefined } = isPlainObject(entry) ? entry : {};
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= count) {
      throw unexpected(name, `an index below ${count}`, describe(index));
    }
    if (embeddings[index as number] !== undefined) throw unexpected(name, 'each index once', describe(index));
    embeddings[index as number] = readEmbedding(embedding, name);
  }
  return embeddings;
}

function readEmbedding(embedding: unknown, name: string): Float32Array {
  const values = Array.isArray(embedding) ? fromNumbers(embedding) : fromBase64(embedding);
  if (values !== undefined && values.length > 0 && values.every(Number.isFinite)) return values;
  throw unexpected(name, 'an embedding of finite numbers', describe(embedding));
}

function fromNumbers(values: readonly unknown[]): Float32Array | undefined {
  return values.every((value) => typeof value === 'number') ? Float32Array.from(values) : undefined;
}

function fromBase64(text: unknown): Float32Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % 4 !== 0) return undefined;
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unexpected(name: string, expected: string, received: string): NearfieldError {
  return new NearfieldError('ENCODER_FAILED', `The answer of ${name} is not that of an embeddings service`, {
    expected,
    received,
    remedy: 'Check `url`: it must speak the protocol of /v1/embeddings.',
  });
}
