// Takes the weights of MobileNetV2 1.4 out of the npm package nsfwjs, which holds them as base64 in JavaScript, and puts
// them beside the code that reads them: model.json, its shards and the licence. Whoever installs @nearfield/encoders gets
// these 4 MB, and neither the 40 MB of nsfwjs nor the TensorFlow.js that npm would install as its peer.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const encoders = fileURLToPath(new URL('../packages/encoders/', import.meta.url));
const require = createRequire(join(encoders, 'package.json'));
const entry = require.resolve('nsfwjs/models/mobilenet_v2_mid');
const nsfwjs = join(entry, '..', '..', '..', '..');
const source = join(nsfwjs, 'dist', 'models', 'mobilenet_v2_mid');
const target = join(encoders, 'dist', 'models', 'mobilenet-v2', 'weights');

const model = require(join(source, 'model.min.js'));
mkdirSync(target, { recursive: true });
for (const name of model.weightsManifest.flatMap(({ paths }) => paths)) {
  writeFileSync(join(target, name), Buffer.from(require(join(source, `${name}.min.js`)), 'base64'));
}
writeFileSync(join(target, 'model.json'), JSON.stringify(model));
copyFileSync(join(nsfwjs, 'LICENSE'), join(target, 'LICENSE'));
