import { NearfieldError } from '@nearfield/engine/encoder';
import type { GraphNode } from './model-json.js';

/** TensorFlow's DataType numbers (tensorflow/core/framework/types.proto) that a converted graph may hold. */
const DATA_TYPES: Readonly<Record<string, DataType>> = {
  1: 'float32',
  3: 'int32',
  9: 'int64',
  10: 'bool',
  DT_FLOAT: 'float32',
  DT_INT32: 'int32',
  DT_INT64: 'int64',
  DT_BOOL: 'bool',
};

export type DataType = 'float32' | 'int32' | 'int64' | 'bool';

export function integerAttribute(node: GraphNode, name: string, fallback = 0): number {
  return Number(node.attr?.[name]?.i ?? fallback);
}

export function booleanAttribute(node: GraphNode, name: string): boolean {
  return node.attr?.[name]?.b ?? false;
}

export function integersAttribute(node: GraphNode, name: string): number[] {
  return (node.attr?.[name]?.list?.i ?? []).map(Number);
}

/** A string, which TensorFlow.js writes as bytes or as base64. */
export function stringAttribute(node: GraphNode, name: string, fallback: string): string {
  const value = node.attr?.[name]?.s;
  return value === undefined ? fallback : decodeString(value);
}

export function stringsAttribute(node: GraphNode, name: string): string[] {
  return (node.attr?.[name]?.list?.s ?? []).map(decodeString);
}

function decodeString(value: string | readonly number[]): string {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : String.fromCharCode(...value);
}

export function typeAttribute(node: GraphNode, name: string): DataType {
  const type = node.attr?.[name]?.type;
  const known = type === undefined ? undefined : DATA_TYPES[type];
  if (known === undefined) {
    throw new NearfieldError('MODEL_INVALID', `Node ${node.name} (${node.op}) has an unsupported \`${name}\``, {
      expected: 'float32, int32, int64 or bool',
      received: String(type),
      field: node.name,
    });
  }
  return known;
}
