import { NearfieldError } from '@nearfield/engine/encoder';
import type { ModelJson, Quantization, WeightEntry } from './model-json.js';

/** A constant of the graph. Integers are held as numbers and written as int64, booleans as bytes. */
export interface Weight {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int64' | 'bool';
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Slices the concatenated shards into named constants, dequantized to float32 or int. Throws MODEL_INVALID. */
export function readWeights(model: ModelJson, bytes: Uint8Array): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  let offset = 0;
  for (const entry of model.weightsManifest.flatMap((group) => group.weights)) {
    const size = entry.shape.reduce((product, length) => product * length, 1) * storedWidth(entry);
    if (offset + size > bytes.byteLength) {
      throw new NearfieldError('MODEL_INVALID', `The weight files end inside ${entry.name}`, {
        expected: `at least ${offset + size} bytes`,
        received: `${bytes.byteLength} bytes`,
        field: entry.name,
      });
    }
    // A copy, so that a wider element is aligned whatever precedes it.
    weights.set(entry.name, readWeight(entry, new Uint8Array(bytes.subarray(offset, offset + size)).buffer));
    offset += size;
  }
  return weights;
}

function storedWidth({ dtype, quantization }: WeightEntry): number {
  if (quantization !== undefined) return quantization.dtype === 'uint8' ? 1 : 2;
  return dtype === 'bool' ? 1 : 4;
}

function readWeight({ shape, dtype, quantization }: WeightEntry, buffer: ArrayBuffer): Weight {
  const stored = quantization === undefined ? undefined : dequantize(quantization, buffer);
  switch (dtype) {
    case 'float32':
      return { shape, dtype, data: stored ?? new Float32Array(buffer) };
    case 'int32':
      return { shape, dtype: 'int64', data: stored ? Int32Array.from(stored, Math.round) : new Int32Array(buffer) };
    case 'bool':
      return { shape, dtype, data: new Uint8Array(buffer) };
    default: {
      const other: never = dtype;
      throw new NearfieldError('MODEL_INVALID', `Weights of type ${String(other)} are not supported`, {
        expected: 'float32, int32 or bool',
      });
    }
  }
}

function dequantize({ dtype, scale = 1, min = 0 }: Quantization, buffer: ArrayBuffer): Float32Array {
  if (dtype === 'float16') return Float32Array.from(new Uint16Array(buffer), halfToFloat);
  const codes = dtype === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
  return Float32Array.from(codes, (code) => code * scale + min);
}

/** IEEE 754 binary16 to a number. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
