/**
 * A module with one function `f` of i8 a, i7 b and i32 c: a lane of i32x4.relaxed_dot_i8x16_i7x16_add_s of a, b and c in every
 * lane (WebAssembly Relaxed SIMD proposal, 2024), which is 4ab + c.
 */
// prettier-ignore
const PROBE = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f,
  0x01, 0x7f, 0x03, 0x02, 0x01, 0x00, 0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00, 0x0a, 0x16, 0x01,
  0x14, 0x00, 0x20, 0x00, 0xfd, 0x0f, 0x20, 0x01, 0xfd, 0x0f, 0x20, 0x02, 0xfd, 0x11, 0xfd, 0x93,
  0x02, 0xfd, 0x1b, 0x00, 0x0b,
);

let relaxedSimd: boolean | undefined;

/**
 * Whether this runtime has relaxed SIMD's dot product of integers. It is tried as well: the baseline compiler of V8 11.3
 * (Node 20, behind a flag) compiles the instruction but loses what is to be added on x64.
 */
export function hasRelaxedSimd(): boolean {
  return (relaxedSimd ??= WebAssembly.validate(PROBE) && multiplies());
}

function multiplies(): boolean {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(PROBE)).exports as {
    f(a: number, b: number, c: number): number;
  };
  const cases = [
    [-128, 127, 1_000_000],
    [127, 127, -7],
    [-1, 64, 3],
  ];
  return cases.every(([a, b, c]) => f(a, b, c) === 4 * a * b + c);
}
