declare module 'fft.js' {
  /** Fast Fourier transform of a fixed size, a power of two; complex values are pairs in one array. */
  export default class FFT {
    constructor(size: number);
    /** Fills size / 2 + 1 complex values of `out`, which has room for `size`. */
    realTransform(out: Float64Array, input: Float64Array): void;
  }
}
