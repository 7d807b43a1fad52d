import { readFileSync } from 'node:fs';
import type { GraphKernel } from './graph-kernel.js';
import { hasRelaxedSimd } from './relaxed-simd.js';

/**
 * The operations over vectors in one linear memory. Addresses are byte offsets; a vector is `lanes` groups of four f32,
 * at 16-byte alignment, the last group padded with zeros. The SIMD and the scalar implementation pass one conformance suite.
 */
export interface Kernel {
  /** Dot product. */
  dot(a: number, b: number, lanes: number): number;
  /** Squared euclidean distance. */
  squaredEuclidean(a: number, b: number, lanes: number): number;
  /**
   * Scores `count` consecutive vectors by dot product and keeps the best in the heap (see top-k.ts for its layout).
   * `owners` points to one u32 record a vector; `bitmap` (0 for none) to the bits of the records that may be scored.
   */
  scanDot: Scan;
  /** As scanDot, by negative squared euclidean distance. */
  scanEuclidean: Scan;
}

/** Set operations on bitmaps of `bytes` bytes, a multiple of 16; the first is changed. Their scalar twin is in indexes/bit-words.ts. */
export interface BitKernel {
  intersectBits(into: number, other: number, bytes: number): void;
  uniteBits(into: number, other: number, bytes: number): void;
  /** Clears in the first what is set in the other. */
  subtractBits(into: number, other: number, bytes: number): void;
  /** How many bits are set; less than 2^31. */
  countBits(at: number, bytes: number): number;
}

export type Scan = (
  query: number,
  vectors: number,
  owners: number,
  count: number,
  lanes: number,
  bitmap: number,
  heap: number,
) => void;

/** The builds of the SIMD kernel: they differ in the products of int8 codes only (see assembly/hnsw/products.ts). */
export type KernelBuild = 'plain' | 'relaxed';

const FILES = { plain: '../kernel.wasm', relaxed: '../kernel-relaxed.wasm' } as const;
/** Kernels that this thread has compiled, or got from another one with all that the runtime has optimised of them. */
export type CompiledKernels = Partial<Record<KernelBuild, WebAssembly.Module>>;

const compiled: CompiledKernels = {};

/** The kernel that suits the runtime, for another thread to adopt: it need not compile and optimise it once more. */
export function compiledKernels(): CompiledKernels {
  moduleOf(hasRelaxedSimd() ? 'relaxed' : 'plain');
  return compiled;
}

/** Takes over what another thread has compiled. */
export function adoptKernels(kernels: CompiledKernels): void {
  Object.assign(compiled, kernels);
}

/**
 * The WebAssembly SIMD kernel over `memory`, which must be shared and at most 4 GiB. Without `build`, the one that suits the
 * runtime; 'relaxed' needs a runtime of which hasRelaxedSimd is true.
 */
export function simdKernel(
  memory: WebAssembly.Memory,
  build: KernelBuild = hasRelaxedSimd() ? 'relaxed' : 'plain',
): Kernel & GraphKernel & BitKernel {
  const { exports } = new WebAssembly.Instance(moduleOf(build), { env: { memory } });
  return exports as unknown as Kernel & GraphKernel & BitKernel;
}

function moduleOf(build: KernelBuild): WebAssembly.Module {
  return (compiled[build] ??= new WebAssembly.Module(readFileSync(new URL(FILES[build], import.meta.url))));
}
