// Renders drawings/*.svg to PNG at the size of the emoji, 64 x 64 pixels: a model that sees the same shapes at another
// sharpness finds other things alike. The pictures are committed; run this only to make them anew.
// Run: node examples/scripts/draw.mjs
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const SIDE = 64;
const drawings = fileURLToPath(new URL('../drawings/', import.meta.url));

for (const file of readdirSync(drawings).filter((name) => name.endsWith('.svg'))) {
  const picture = sharp(drawings + file)
    .resize(SIDE, SIDE)
    .png({ compressionLevel: 9 });
  await picture.toFile(drawings + file.replace('.svg', '.png'));
}
