import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import type { EncoderInput, MediaSource } from '@nearfield/encoders';
import { ImageEncoder } from '@nearfield/encoders/internals/session/image-encoder';

const identity = { name: 'image:fake', version: '1', checksum: '0', options: {} };
const output = { kind: 'dense', dimensions: 2, metric: 'cosine' } as const;
const input = (image: MediaSource): EncoderInput => ({ kind: 'image', image });
const numbered = (count: number): EncoderInput[] => Array.from({ length: count }, (_, at) => input(Uint8Array.of(at)));

/** A worker that gives the number of each image and that of images in its task. */
const COUNTING = `export default async ({ pixels, images }) => {
  return { kind: 'values', values: Float32Array.from({ length: images * 2 }, (_, at) => at % 2 ? images : pixels[at / 2]) };
};`;

/** A worker that says when it has a task, and does the first one only when it is told to go on. */
const waiting = (channel: string): string => `
  const channel = new BroadcastChannel('${channel}');
  const opened = new Promise((resolve) => (channel.onmessage = ({ data }) => data === 'go' && resolve()));
  export default async ({ images }) => {
    channel.postMessage('started');
    await opened;
    return { kind: 'values', values: new Float32Array(images * 2).fill(1) };
  };`;

async function encoderWith(
  t: Test,
  worker: string,
  prepare: (source: MediaSource) => Promise<Uint8Array>,
): Promise<ImageEncoder> {
  const path = join(t.testdir(), 'worker.mjs');
  await writeFile(path, worker);
  const specification = {
    identity,
    output,
    strength: 1,
    worker: pathToFileURL(path),
    data: {},
    pixelBytes: 1,
    prepare,
  };
  const encoder = new ImageEncoder(specification, 2);
  t.teardown(() => encoder.close());
  return encoder;
}
const asIs = async (source: MediaSource): Promise<Uint8Array> => source as Uint8Array;

t.test('images come back in order, in tasks of at most eight', async (t) => {
  const encoder = await encoderWith(t, COUNTING, asIs);
  const embeddings = (await encoder.encode(numbered(50))) as Float32Array[];
  t.same(
    embeddings.map(([number]) => number),
    Array.from({ length: 50 }, (_, at) => at),
  );
  t.ok(embeddings.every(([, images]) => (images ?? 9) <= 8));
});

t.test('few images are shared out over the workers', async (t) => {
  const encoder = await encoderWith(t, COUNTING, asIs);
  const embeddings = (await encoder.encode(numbered(6))) as Float32Array[];
  t.same(
    embeddings.map(([, images]) => images),
    [3, 3, 3, 3, 3, 3],
  );
});

t.test('while the workers are busy one more task is decoded, and no second', async (t) => {
  let begun = 0;
  const name = `images-${process.pid}`;
  const channel = new BroadcastChannel(name);
  t.teardown(() => channel.close());
  const bothStarted = new Promise<void>((resolve) => {
    let started = 0;
    channel.onmessage = () => ++started === 2 && resolve();
  });
  const encoder = await encoderWith(t, waiting(name), async (source) => {
    begun += 1;
    return source as Uint8Array;
  });
  const encoding = encoder.encode(numbered(200));
  await bothStarted;
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  t.equal(begun, 3 * 8);
  channel.postMessage('go');
  t.equal((await encoding).length, 200);
  t.equal(begun, 200);
});

t.test('after a failure nothing more is decoded', async (t) => {
  let begun = 0;
  const encoder = await encoderWith(t, COUNTING, async (source) => {
    begun += 1;
    if ((source as Uint8Array)[0] === 20) throw new Error('broken');
    return source as Uint8Array;
  });
  await t.rejects(encoder.encode(numbered(200)), { message: 'broken' });
  await encoder.close();
  t.ok(begun <= 72, `${begun} of 200 had begun`);
});
