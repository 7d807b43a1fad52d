import { simdKernel, type GraphKernel } from '../../distance/index.js';

const kernels = new WeakMap<WebAssembly.Memory, GraphKernel>();

/** The kernel over a memory: one for all that this thread does there. */
export function kernelOf(memory: WebAssembly.Memory): GraphKernel {
  let kernel = kernels.get(memory);
  if (kernel === undefined) kernels.set(memory, (kernel = simdKernel(memory)));
  return kernel;
}
