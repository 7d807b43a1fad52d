/** `array`, or a copy of twice its size or more when it is shorter than `length`; what is new is 0. */
export function grown<Numbers extends Uint32Array | Int32Array | Float64Array>(
  array: Numbers,
  length: number,
): Numbers {
  if (length <= array.length) return array;
  const copy = new (array.constructor as new (length: number) => Numbers)(Math.max(length, array.length * 2));
  copy.set(array);
  return copy;
}
