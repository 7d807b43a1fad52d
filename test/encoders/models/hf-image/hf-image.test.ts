import sharp from 'sharp';
import t, { type Test } from 'tap';
import {
  encoder as encoderByName,
  hfImage,
  type Encoder,
  type EncoderInput,
  type HfImageOptions,
} from '@nearfield/encoders';
import { ONNX_TYPE } from '@nearfield/encoders/internals/convert/onnx-model';
import { conformance, difference } from '../../conformance.js';
import { hubServer, useHub, type HubFiles } from '../../hub/hub-server.js';
import { repositoryFolder } from '../hf-media/repository-folder.js';
import { mean, unit } from '../hf-media/scalar.js';
import { TinyGraph } from '../tiny-graph.js';
import { textEmbedding } from '../hf-media/tiny-text-tower.js';
import { MEAN, SIDE, STD, tinyClip, tinySiglip, tinyVit, WINDOW } from '../hf-media/tiny-repositories.js';
import { TinyTransformer } from '../hf-media/tiny-transformer.js';
import { addVisionTower, visionEmbedding, visionHidden } from '../hf-media/tiny-vision-tower.js';

const text = (text: string): EncoderInput => ({ kind: 'text', text });
const image = (image: Uint8Array | string): EncoderInput => ({ kind: 'image', image });

/** A picture of smooth colours, as raw RGB. */
function picture(width: number, height: number, phase = 0): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
    return Math.round(127 + 120 * Math.sin(x / 3 + y / 5 + (at % 3) + phase));
  });
}

function png(rgb: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** What the model should see of the middle of a picture, in plain numbers. */
function pixelsOf(
  rgb: Uint8Array,
  width: number,
  height: number,
  mean: readonly number[],
  std: readonly number[],
): Float32Array {
  const [left, top] = [(width - SIDE) / 2, (height - SIDE) / 2];
  return Float32Array.from({ length: 3 * SIDE * SIDE }, (_, at) => {
    const [channel, y, x] = [Math.floor(at / SIDE / SIDE), Math.floor(at / SIDE) % SIDE, at % SIDE];
    return (rgb[((top + y) * width + left + x) * 3 + channel] / 255 - mean[channel]) / std[channel];
  });
}

async function open(t: Test, files: HubFiles, options: HfImageOptions = {}): Promise<Encoder> {
  const encoder = await hfImage(repositoryFolder(t, files), { threads: 1, ...options });
  t.teardown(() => encoder.close());
  return encoder;
}

const ids = (vocabulary: ReadonlyMap<string, number>, ...tokens: string[]): number[] => {
  return tokens.map((token) => vocabulary.get(token) ?? Number.NaN);
};

const clip = tinyClip();
const rgb = picture(24, SIDE);
const drawing = await png(rgb, 24, SIDE);

const folder = repositoryFolder(t, clip.files);

conformance(t, {
  make: () => hfImage(folder),
  inputs: [
    image(drawing),
    text('red sea'),
    image(await png(picture(9, 30, 1), 9, 30)),
    text(''),
    text('a '.repeat(40)),
  ],
  foreign: { kind: 'audio', audio: 'voice.wav' },
});

for (const layout of ['two files', 'one file'] as const) {
  t.test(`CLIP in ${layout} gives the numbers of a plain computation`, async (t) => {
    const { files, text: tower, tokenizer, vision } = tinyClip(layout);
    const encoder = await open(t, files);
    t.same(encoder.accepts, ['text', 'image']);
    t.same(encoder.output, { kind: 'dense', dimensions: 6, metric: 'cosine' });
    const [picture, short, long] = await encoder.encode([image(drawing), text('Red seas'), text('x '.repeat(30))]);
    near(t, picture, unit(visionEmbedding(vision, pixelsOf(rgb, 24, SIDE, MEAN, STD))));
    const { vocabulary } = tokenizer;
    const shortIds = ids(vocabulary, '<start>', 'red</w>', 'se', 'a', 's</w>', '<end>');
    near(t, short, unit(textEmbedding(tower, shortIds, shortIds.length)));
    const longIds = ids(vocabulary, '<start>', ...Array.from({ length: WINDOW - 2 }, () => 'x</w>'), '<end>');
    near(t, long, unit(textEmbedding(tower, longIds, WINDOW)));
  });
}

t.test('CLIP comes from a hub, each side when it is first needed', async (t) => {
  const { endpoint, seen } = await hubServer(t, { 'tiny/clip': clip.files });
  useHub(t, endpoint, t.testdir());
  const encoder = await encoderByName('image:hf/tiny/clip', { threads: 1 });
  t.teardown(() => encoder.close());
  const loaded = (): string[] => {
    return ['vision_model', 'text_model'].filter((stem) =>
      seen.some(({ host, method, path }) => host === 'store' && method === 'GET' && path.includes(stem)),
    );
  };
  t.same(loaded(), []);
  const [fromHub] = await encoder.encode([text('red sea')]);
  t.same(loaded(), ['text_model']);
  await encoder.encode([image(drawing)]);
  t.same(loaded(), ['vision_model', 'text_model']);
  const local = await open(t, clip.files);
  t.same(await local.encode([text('red sea')]), [fromHub]);
  t.equal(encoder.identity.name, 'image:hf/tiny/clip');
  t.equal(local.identity.checksum, encoder.identity.checksum);
});

t.test('SigLIP pads texts to its window and stretches images', async (t) => {
  const { files, text: tower, tokenizer, vision } = tinySiglip();
  const encoder = await open(t, files);
  t.equal(encoder.output.kind === 'dense' && encoder.output.dimensions, 8);
  const square = picture(SIDE, SIDE, 2);
  const [seen, words] = await encoder.encode([image(await png(square, SIDE, SIDE)), text('RED')]);
  const half = [0.5, 0.5, 0.5];
  near(t, seen, unit(visionEmbedding(vision, pixelsOf(square, SIDE, SIDE, half, half))));
  const tokens = ids(tokenizer.vocabulary, '<bos>', 'red</w>', ...Array.from({ length: WINDOW - 2 }, () => '</s>'));
  near(t, words, unit(textEmbedding(tower, tokens, 3)));
});

t.test('SigLIP 2 reads texts in lower case, though its tokenizer does not, and has padding of its own', async (t) => {
  const { files, text: tower, tokenizer } = tinySiglip('GemmaTokenizer');
  const encoder = await open(t, files);
  const [words] = await encoder.encode([text('RED')]);
  const padding = Array.from({ length: WINDOW - 3 }, () => '<pad>');
  const tokens = ids(tokenizer.vocabulary, '<bos>', 'red</w>', '</s>', ...padding);
  near(t, words, unit(textEmbedding(tower, tokens, 3)));
});

t.test('ViT gives its class token, or the mean of the others', async (t) => {
  const { files, vision } = tinyVit('vit');
  const square = picture(SIDE, SIDE, 3);
  const hidden = visionHidden(vision, pixelsOf(square, SIDE, SIDE, MEAN, STD));
  const input = image(await png(square, SIDE, SIDE));
  const encoder = await open(t, files);
  t.same(encoder.accepts, ['image']);
  near(t, (await encoder.encode([input]))[0], unit(hidden[0]));
  const averaging = await open(t, files, { pooling: 'mean' });
  near(t, (await averaging.encode([input]))[0], unit(mean(hidden.slice(1))));
  t.not(JSON.stringify(averaging.identity), JSON.stringify(encoder.identity));
  const pooled = await open(t, files, { pooling: 'pooler' });
  await t.rejects(pooled.encode([input]), { code: 'MODEL_INVALID', message: /pooler_output.*last_hidden_state/s });
});

t.test('DINOv2 crops the middle after resizing', async (t) => {
  const { files, vision } = tinyVit('dinov2');
  const encoder = await open(t, files);
  const wide = picture(30, 20, 4);
  const expected = unit(visionHidden(vision, pixelsOf(wide, 30, 20, MEAN, STD))[0]);
  near(t, (await encoder.encode([image(await png(wide, 30, 20))]))[0], expected);
});

t.test('a model of 16-bit numbers is fed and read as such', async (t) => {
  const graph = new TinyGraph();
  const wide = graph.node('Cast', [graph.input('pixel_values', 'float16')], { to: { int: ONNX_TYPE.float32 } });
  const means = graph.node('ReduceMean', [wide, graph.integers([2, 3])], { keepdims: { int: 0 } });
  graph.node('Cast', [means], { to: { int: ONNX_TYPE.float16 } }, 'pooler_output');
  const files = {
    'config.json': JSON.stringify({ model_type: 'swin', hidden_size: 3 }),
    'preprocessor_config.json': JSON.stringify({ size: SIDE, image_mean: MEAN, image_std: STD }),
    'onnx/model_fp16.onnx': graph.write(['pooler_output']),
  };
  const encoder = await open(t, files, { precision: 'fp16' });
  const square = picture(SIDE, SIDE, 5);
  const pixels = pixelsOf(square, SIDE, SIDE, MEAN, STD);
  const planes = [0, 1, 2].map(
    (at) => mean([...pixels.subarray(at * SIDE ** 2, (at + 1) * SIDE ** 2)].map((v) => [v]))[0],
  );
  const [embedding] = await encoder.encode([image(await png(square, SIDE, SIDE))]);
  t.ok(difference(embedding, Float32Array.from(unit(planes))) <= 2e-3);
});

t.test('an embedding may be cut to its first numbers', async (t) => {
  const whole = await open(t, clip.files);
  const encoder = await open(t, clip.files, { dimensions: 3 });
  const [[full], [part]] = await Promise.all([whole, encoder].map((made) => made.encode([text('red')])));
  near(t, part, unit([...(full as Float32Array).subarray(0, 3)]));
  t.same(encoder.output, { kind: 'dense', dimensions: 3, metric: 'cosine' });
});

t.test('images that cannot be read are reported by position, or fail the call', async (t) => {
  const encoder = await open(t, clip.files, { batchSize: 2 });
  const inputs = [image(drawing), image('missing.png'), text('red'), image(Buffer.from('<html>')), image(drawing)];
  await t.rejects(encoder.encode(inputs.slice(0, 2)), { code: 'UNREADABLE_MEDIA', details: { record: 1 } });
  const unread: [number, string][] = [];
  const embeddings = await encoder.encode(inputs, {
    onUnreadable: (at, error) => unread.push([at, `${error.code} ${error.message}`]),
  });
  t.same(unread.map(([at]) => at).sort(), [1, 3]);
  t.match(Object.fromEntries(unread), { 1: /UNREADABLE_MEDIA .*missing\.png/, 3: /UNREADABLE_MEDIA .*HTML/ });
  t.same(embeddings[1], new Float32Array(6));
  t.same(embeddings[3], new Float32Array(6));
  t.same(embeddings[4], embeddings[0]);
  t.ok(difference(embeddings[2], (await encoder.encode([text('red')]))[0]) < 1e-6);
});

t.test('options and models that do not fit are refused', async (t) => {
  await t.rejects(hfImage(folder, { precisoin: 'fp16' } as never), { code: 'UNKNOWN_OPTION', message: /precision/ });
  for (const options of [
    { precision: 'fp8' },
    { threads: 0 },
    { batchSize: 1.5 },
    { dimensions: 7 },
    { pooling: 'max' },
  ]) {
    const [field] = Object.keys(options);
    await t.rejects(hfImage(folder, options as never), { code: 'INVALID_ARGUMENT', details: { field } });
  }
  await t.rejects(hfImage(folder, { precision: 'int8' }), { code: 'MODEL_NOT_FOUND', message: /vision_model\.onnx/ });
  await t.rejects(hfImage(folder, { pooling: 'cls' }), { code: 'MODEL_INVALID' });
  const { 'config.json': _, ...rest } = clip.files;
  await t.rejects(hfImage(repositoryFolder(t, rest)), { code: 'MODEL_INVALID', message: /config\.json/ });
});

t.test('graphs and tokenizers that are broken are named', async (t) => {
  const cases: [string, EncoderInput, RegExp][] = [
    ['onnx/vision_model.onnx', image(drawing), /The graph of image:hf.*cannot be opened/],
    ['tokenizer.json', text('red'), /The tokenizer of image:hf.*cannot be used/],
  ];
  for (const [file, input, message] of cases) {
    const encoder = await open(t, { ...clip.files, [file]: '{}' });
    await t.rejects(encoder.encode([input]), { code: 'MODEL_INVALID', message });
  }
  const unknown = new TinyGraph();
  unknown.node('Identity', [unknown.input('pixels', 'float32')], {}, 'image_embeds');
  const encoder = await open(t, { ...clip.files, 'onnx/vision_model.onnx': unknown.write(['image_embeds']) });
  await t.rejects(encoder.encode([image(drawing)]), { code: 'MODEL_INVALID', message: /unknown input pixels/ });
  const wide = await open(t, { ...clip.files, 'onnx/vision_model.onnx': tinySiglipVision() });
  await t.rejects(wide.encode([image(drawing)]), { code: 'MODEL_INVALID', message: /does not fit.*1 x 8/s });
});

/** A side whose embeddings are longer than CLIP's. */
function tinySiglipVision(): Uint8Array {
  const graph = new TinyTransformer();
  addVisionTower(graph, tinySiglip().vision, 'image_embeds');
  return graph.write(['image_embeds']);
}

/** Equal to plain numbers within 1e-5. */
function near(t: Test, embedding: unknown, expected: readonly number[]): void {
  t.ok(difference(embedding as Float32Array, Float32Array.from(expected)) <= 1e-5);
}
