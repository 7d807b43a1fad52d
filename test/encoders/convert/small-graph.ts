import type {
  AttributeValue,
  GraphNode,
  ModelJson,
  WeightEntry,
} from '@nearfield/encoders/internals/convert/model-json';

export interface SmallConstant {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array | Uint16Array;
  readonly quantization?: WeightEntry['quantization'];
  readonly dtype?: WeightEntry['dtype'];
}

export interface SmallGraph {
  /** Name to type of each graph input. */
  readonly inputs: Readonly<Record<string, 'float32' | 'int32'>>;
  readonly constants?: Readonly<Record<string, SmallConstant>>;
  readonly nodes: readonly GraphNode[];
}

/** A graph model of a few nodes, with its weight bytes, as the TensorFlow.js converter would write it. */
export function smallGraph({ inputs, constants = {}, nodes }: SmallGraph): { model: ModelJson; weights: Uint8Array } {
  const placeholders = Object.entries(inputs).map(([name, type]): GraphNode => {
    return {
      name,
      op: 'Placeholder',
      attr: { dtype: { type: type === 'float32' ? 'DT_FLOAT' : 'DT_INT32' }, shape: {} },
    };
  });
  const entries = Object.entries(constants);
  const constantNodes = entries.map(([name, constant]): GraphNode => {
    return { name, op: 'Const', attr: { dtype: { type: dtypeOf(constant) === 'float32' ? 'DT_FLOAT' : 'DT_INT32' } } };
  });
  const weights = entries.map(([name, constant]): WeightEntry => {
    const { shape, quantization } = constant;
    return { name, shape, dtype: dtypeOf(constant), ...(quantization ? { quantization } : {}) };
  });
  const blocks = entries.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return {
    model: {
      modelTopology: { node: [...placeholders, ...constantNodes, ...nodes] },
      weightsManifest: [{ paths: ['weights.bin'], weights }],
    },
    weights: Buffer.concat(blocks),
  };
}

function dtypeOf({ dtype, data }: SmallConstant): WeightEntry['dtype'] {
  return dtype ?? (data instanceof Int32Array ? 'int32' : 'float32');
}

export const ints = (...values: number[]): SmallConstant => ({ shape: [values.length], data: Int32Array.from(values) });
export const int = (value: number): SmallConstant => ({ shape: [], data: Int32Array.of(value) });
export const float = (value: number): SmallConstant => ({ shape: [], data: Float32Array.of(value) });
export const floats = (shape: readonly number[], values: readonly number[]): SmallConstant => ({
  shape,
  data: Float32Array.from(values),
});
export const integer = (value: number): AttributeValue => ({ i: String(value) });
export const flag = (value: boolean): AttributeValue => ({ b: value });
export const text = (value: string): AttributeValue => ({ s: Buffer.from(value).toString('base64') });
export const list = (...values: number[]): AttributeValue => ({ list: { i: values.map(String) } });
export const type = (name: string): AttributeValue => ({ type: name });
