/** |DFT|² of a frame, bins 0 to n / 2, by the definition. */
export function plainPowerSpectrum(frame: readonly number[]): number[] {
  const n = frame.length;
  const cosines = frame.map((_, at) => Math.cos((2 * Math.PI * at) / n));
  const sines = frame.map((_, at) => Math.sin((2 * Math.PI * at) / n));
  return Array.from({ length: n / 2 + 1 }, (_, bin) => {
    let [real, imaginary] = [0, 0];
    for (let at = 0; at < n; at++) {
      real += frame[at] * cosines[(bin * at) % n];
      imaginary -= frame[at] * sines[(bin * at) % n];
    }
    return real * real + imaginary * imaginary;
  });
}

/** Weights [filter][bin] of triangular filters between the given edges in hertz, of height 1. */
export function plainTriangles(edges: readonly number[], binHertz: readonly number[]): number[][] {
  return edges.slice(2).map((_, filter) => {
    const [left, centre, right] = edges.slice(filter, filter + 3);
    return binHertz.map((hertz) => {
      if (hertz <= left || hertz >= right) return 0;
      return hertz <= centre ? (hertz - left) / (centre - left) : (right - hertz) / (right - centre);
    });
  });
}

/** Slaney's mel scale, inverse: linear up to 1 000 Hz, then 27 steps for each factor of 6.4. */
export function plainSlaneyHertz(mel: number): number {
  return mel <= 15 ? (mel * 200) / 3 : 1000 * 6.4 ** ((mel - 15) / 27);
}
