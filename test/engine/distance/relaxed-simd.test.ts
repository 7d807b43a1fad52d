import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { simdKernel } from '@nearfield/engine/internals/distance/kernel';
import { hasRelaxedSimd } from '@nearfield/engine/internals/distance/relaxed-simd';

const FLAG = '--experimental-wasm-relaxed-simd';
/** What the two builds of the kernel have in common is proven by these; walks over codes are their difference. */
const SUITES = ['./graph-kernel.test.ts', '../indexes/quantized/quantized.test.ts'];

function accepts(flags: string[]): boolean {
  return spawnSync(process.execPath, [...flags, '-e', '']).status === 0;
}

t.test('the kernel is of the build that the runtime has the instructions for', async (t) => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  t.equal(simdKernel(memory).fastestQueryCode(), hasRelaxedSimd() ? 127 : 32_767);
  t.equal(simdKernel(memory, 'plain').fastestQueryCode(), 32_767);
});

// By the flag alone V8 11.3 miscompiles the instruction on x64 until it optimizes, and the plain build is to be used; without
// its baseline compiler the relaxed one is.
for (const flags of [[FLAG], [FLAG, '--no-liftoff']]) {
  const skip = hasRelaxedSimd()
    ? 'the runtime has relaxed SIMD by itself: the suites run over it as they are'
    : !accepts(flags) && 'the runtime does not know the flags';
  t.test(`the suites of the kernels pass with ${flags.join(' ')}`, { skip }, async (t) => {
    for (const suite of SUITES) {
      const file = fileURLToPath(new URL(suite, import.meta.url));
      await t.spawn(process.execPath, [...process.execArgv, ...flags, file], suite);
    }
  });
}
