import { NearfieldError } from '@nearfield/engine/encoder';
import type { GraphNode } from './model-json.js';
import type { OnnxAttribute, OnnxNode } from './onnx-model.js';
import type { Weight } from './weights.js';

/** Collects the nodes and constants of the ONNX graph while operators are converted one by one. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, Weight>();
  /** Tensors whose rows are unique coordinates, so that scattering by them needs no summing. */
  readonly uniqueRows = new Set<string>();
  #serial = 0;

  constructor(private readonly weights: ReadonlyMap<string, Weight>) {}

  /** A name for a tensor that the TensorFlow graph does not have. */
  fresh(hint: string): string {
    this.#serial += 1;
    return `${hint}#${this.#serial}`;
  }

  /** Adds a node with one output and gives that output's name. */
  add(
    op: string,
    inputs: readonly string[],
    options: { output?: string; attributes?: Record<string, OnnxAttribute>; domain?: string } = {},
  ): string {
    const output = options.output ?? this.fresh(op);
    this.addMany(op, inputs, [output], options);
    return output;
  }

  addMany(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    { attributes, domain }: { attributes?: Record<string, OnnxAttribute>; domain?: string } = {},
  ): void {
    for (const input of inputs) this.#use(input);
    this.nodes.push({ op, name: outputs[0] ?? op, inputs, outputs, attributes, domain });
  }

  /** A constant tensor of integers; a scalar when `values` is a number. */
  integers(values: readonly number[] | number): string {
    const list = typeof values === 'number' ? [values] : values;
    const shape = typeof values === 'number' ? [] : [list.length];
    return this.constant(
      { shape, dtype: 'int64', data: Int32Array.from(list) },
      `int64:${shape.length}:${list.join()}`,
    );
  }

  /** Adds a constant and gives its name; equal names share one constant. */
  constant(weight: Weight, name = this.fresh('constant')): string {
    if (!this.initializers.has(name)) this.initializers.set(name, weight);
    return name;
  }

  /** The weight behind a tensor name, when it is one. */
  weight(tensor: string): Weight | undefined {
    return this.weights.get(tensor) ?? this.initializers.get(tensor);
  }

  /** The integers of an input that must be known when the graph is converted. Throws MODEL_INVALID. */
  knownIntegers(node: GraphNode, tensor: string): number[] {
    const weight = this.weight(tensor);
    if (weight === undefined) {
      throw new NearfieldError('MODEL_INVALID', `Node ${node.name} (${node.op}) needs a constant for ${tensor}`, {
        expected: 'a constant input',
        received: 'a computed tensor',
        field: node.name,
      });
    }
    return Array.from(weight.data);
  }

  #use(tensor: string): void {
    const weight = this.weights.get(tensor);
    if (weight !== undefined) this.constant(weight, tensor);
  }
}
