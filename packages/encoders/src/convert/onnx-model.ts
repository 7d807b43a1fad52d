import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Weight } from './weights.js';

/** TensorProto.DataType of the ONNX specification. */
export const ONNX_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type OnnxType = keyof typeof ONNX_TYPE;

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly tensor: Weight };

export interface OnnxNode {
  readonly op: string;
  /** Empty for the standard operators. */
  readonly domain?: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A graph input or output. Its rank and lengths are known only when it runs; the type of an output is inferred. */
export interface OnnxValue {
  readonly name: string;
  readonly type?: OnnxType;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Weight>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const IR_VERSION = 9;
const OPSET = 18;
const MICROSOFT_DOMAIN = 'com.microsoft';

/** Serializes a graph as an ONNX ModelProto (onnx.proto, IR version 9, opset 18; field numbers are the schema's). */
export function writeOnnxModel(graph: OnnxGraph): Uint8Array {
  const writer = new BinaryWriter();
  varint(writer, 1, IR_VERSION);
  text(writer, 2, 'nearfield');
  nested(writer, 7, () => writeGraph(writer, graph));
  nested(writer, 8, () => varint(writer, 2, OPSET));
  nested(writer, 8, () => {
    text(writer, 1, MICROSOFT_DOMAIN);
    varint(writer, 2, 1);
  });
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) nested(writer, 1, () => writeNode(writer, node));
  text(writer, 2, 'graph');
  for (const [name, weight] of graph.initializers) nested(writer, 5, () => writeTensor(writer, weight, name));
  for (const value of graph.inputs) nested(writer, 11, () => writeValue(writer, value));
  for (const value of graph.outputs) nested(writer, 12, () => writeValue(writer, value));
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.name);
  text(writer, 4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) {
    nested(writer, 5, () => writeAttribute(writer, name, attribute));
  }
  if (node.domain) text(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, name: string, attribute: OnnxAttribute): void {
  text(writer, 1, name);
  if ('float' in attribute) {
    writer.tag(2, WireType.Bit32).float(attribute.float);
    varint(writer, 20, 1);
  } else if ('int' in attribute) {
    varint(writer, 3, attribute.int);
    varint(writer, 20, 2);
  } else if ('text' in attribute) {
    text(writer, 4, attribute.text);
    varint(writer, 20, 3);
  } else if ('tensor' in attribute) {
    nested(writer, 5, () => writeTensor(writer, attribute.tensor));
    varint(writer, 20, 4);
  } else {
    for (const int of attribute.ints) varint(writer, 8, int);
    varint(writer, 20, 7);
  }
}

function writeTensor(writer: BinaryWriter, weight: Weight, name?: string): void {
  for (const length of weight.shape) varint(writer, 1, length);
  varint(writer, 2, ONNX_TYPE[weight.dtype]);
  if (name !== undefined) text(writer, 8, name);
  const { buffer, byteOffset, byteLength } =
    weight.dtype === 'int64' ? BigInt64Array.from(weight.data as Int32Array, BigInt) : weight.data;
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(buffer, byteOffset, byteLength));
}

function writeValue(writer: BinaryWriter, { name, type }: OnnxValue): void {
  text(writer, 1, name);
  if (type === undefined) return;
  nested(writer, 2, () => nested(writer, 1, () => varint(writer, 1, ONNX_TYPE[type])));
}

function nested(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function varint(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}
