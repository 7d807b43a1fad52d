import type { Matrix } from '../tiny-graph.js';
import type { TinyBlock } from './tiny-weights.js';

/** The computations of the tiny graphs written out in plain numbers, as an oracle that shares no code with ONNX Runtime. */
export type Rows = readonly (readonly number[])[];

export function times(rows: Rows, { shape: [inner, outer], data }: Matrix): number[][] {
  return rows.map((row) =>
    Array.from({ length: outer }, (_, column) => {
      let sum = 0;
      for (let at = 0; at < inner; at++) sum += row[at] * data[at * outer + column];
      return sum;
    }),
  );
}

export function plus(a: Rows, b: Rows): number[][] {
  return a.map((row, at) => row.map((value, column) => value + b[at][column]));
}

export function rowsOf({ shape, data }: Matrix): number[][] {
  const width = shape[shape.length - 1];
  return Array.from({ length: data.length / width }, (_, at) => [...data.subarray(at * width, (at + 1) * width)]);
}

export function norm(rows: Rows, scale: Matrix, shift: Matrix): number[][] {
  return rows.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value, at) => ((value - mean) / Math.sqrt(variance + 1e-5)) * scale.data[at] + shift.data[at]);
  });
}

export function gelu(rows: Rows): number[][] {
  return rows.map((row) => row.map((value) => value / (1 + Math.exp(-1.702 * value))));
}

/** @param sees whether the row of the first position may look at the second */
export function block(
  rows: Rows,
  weights: TinyBlock,
  sees: (from: number, to: number) => boolean = () => true,
): number[][] {
  const normed = norm(rows, weights.firstScale, weights.firstShift);
  const [query, key, value] = [weights.query, weights.key, weights.value].map((weight) => times(normed, weight));
  const attended = query.map((wanted, from) => {
    const powers = key.map((offered, to) => {
      const score = wanted.reduce((sum, part, at) => sum + part * offered[at], 0) / Math.sqrt(wanted.length);
      return sees(from, to) ? Math.exp(score) : 0;
    });
    const total = powers.reduce((sum, power) => sum + power, 0);
    return value[0].map((_, column) => powers.reduce((sum, power, to) => sum + (power / total) * value[to][column], 0));
  });
  const first = plus(rows, times(attended, weights.out));
  const again = norm(first, weights.secondScale, weights.secondShift);
  return plus(first, times(gelu(times(again, weights.up)), weights.down));
}

export function mean(rows: Rows): number[] {
  return rows[0].map((_, column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length);
}

export function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
