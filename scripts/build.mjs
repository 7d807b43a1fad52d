// Compiles the SIMD kernels to WebAssembly, then every package by TypeScript project references, and adds the weights of
// the encoders of images and speech.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const binary = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

const asc = [binary('assemblyscript', 'bin/asc.js'), '--config', 'packages/engine/asconfig.json', '--target'];
const steps = [
  [...asc, 'release'],
  [...asc, 'relaxed'],
  [binary('typescript', 'bin/tsc'), '-b'],
  ['scripts/extract-mobilenet-v2.mjs'],
  ['scripts/copy-speech-models.mjs'],
];
for (const args of steps) {
  try {
    execFileSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  } catch (error) {
    process.exit(error.status || 1);
  }
}
