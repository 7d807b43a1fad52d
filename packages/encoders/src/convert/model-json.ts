import { NearfieldError } from '@nearfield/engine/encoder';

/** One attribute of a graph node, as TensorFlow.js writes a protobuf AttrValue in JSON. */
export interface AttributeValue {
  readonly i?: string | number;
  readonly f?: number;
  readonly b?: boolean;
  readonly s?: string | readonly number[];
  readonly type?: number | string;
  readonly list?: { readonly i?: readonly (string | number)[]; readonly s?: readonly (string | readonly number[])[] };
}

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, AttributeValue>>;
}

/** How a weight was quantized: value = stored * scale + min (uint8, uint16), or a plain half float (float16). */
export interface Quantization {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly scale?: number;
  readonly min?: number;
}

export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly quantization?: Quantization;
}

/** The parts of a TensorFlow.js `model.json` of format `graph-model` that a conversion reads. */
export interface ModelJson {
  readonly modelTopology: { readonly node: readonly GraphNode[] };
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[];
}

/** Checks the outline of a parsed `model.json`. Throws MODEL_INVALID. */
export function readModelJson(parsed: unknown): ModelJson {
  const model = parsed as Partial<ModelJson> | null;
  if (!Array.isArray(model?.modelTopology?.node) || !Array.isArray(model.weightsManifest)) {
    throw new NearfieldError('MODEL_INVALID', 'The file is not a TensorFlow.js graph model', {
      expected: 'model.json with `modelTopology.node` and `weightsManifest`',
    });
  }
  return model as ModelJson;
}

/** Names of the weight files (shards), in the order in which their bytes follow each other. */
export function shardNames(model: ModelJson): string[] {
  return model.weightsManifest.flatMap((group) => [...group.paths]);
}
