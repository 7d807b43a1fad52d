const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The bits of the nearest IEEE 754 binary16 number, to even in the middle; what is too large becomes infinite. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = Math.abs(float[0]);
  if (Number.isNaN(magnitude)) return 0x7e00;
  // Half of a unit in the last place above the largest number.
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max((bits[0] >>> 23) & 0xff, 113) - 127;
  const units = magnitude / 2 ** (exponent - 10);
  const whole = Math.floor(units);
  const rest = units - whole;
  const rounded = whole + (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0);
  // Numbers below 2 ** -14 have no leading 1; one that is rounded up into the next exponent carries over by itself.
  return sign | (rounded + ((exponent + 14) << 10));
}

export function toHalf(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, floatToHalf);
}
