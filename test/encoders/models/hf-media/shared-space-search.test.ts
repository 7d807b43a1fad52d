import sharp from 'sharp';
import t from 'tap';
import { hfAudio, hfImage, registry } from '@nearfield/encoders';
import { open } from '@nearfield/engine';
import { wavFile } from '../../preprocess/audio/wav-file.js';
import { repositoryFolder } from './repository-folder.js';
import { tinyClap, tinyClip } from './tiny-repositories.js';

const WORDS = ['red', 'sea', 'a red sea', 'stone', 'blue', 'tree'];

/** Pictures and sounds that differ. */
const pictures = await Promise.all(
  Array.from({ length: 12 }, (_, at) => {
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, byte) => 127 + 120 * Math.sin((byte * (at + 1)) / 7));
    return sharp(data, { raw: { width: 16, height: 16, channels: 3 } })
      .png()
      .toBuffer();
  }),
);
const sounds = Array.from({ length: 12 }, (_, at) => {
  return wavFile([Float32Array.from({ length: 2000 }, (_, sample) => Math.sin((sample * (at + 1)) / 9))], {
    rate: 8000,
  });
});

for (const kind of ['image', 'audio'] as const) {
  t.test(`a text finds ${kind}s of one space in a collection, and an ${kind} finds itself`, async (t) => {
    const folder = repositoryFolder(t, (kind === 'image' ? tinyClip() : tinyClap()).files);
    const encoder = await (kind === 'image' ? hfImage : hfAudio)('tiny/model', { folder, threads: 1 });
    t.teardown(() => encoder.close());
    const files = kind === 'image' ? pictures : sounds;
    const db = await open(':memory:', { encoders: registry([encoder]) });
    t.teardown(() => db.close());
    const media = await db.collection('media', {
      fields: { file: kind },
      vectors: { content: { from: ['file'], encoder: encoder.identity.name } },
    });
    await media.upsert(files.map((file, id) => ({ id, file })));
    const inputs = files.map((file) => (kind === 'image' ? { kind, image: file } : { kind, audio: file }));
    const stored = (await encoder.encode(inputs)) as Float32Array[];
    for (const text of WORDS) {
      const [query] = (await encoder.encode([{ kind: 'text', text }])) as Float32Array[];
      const cosine = (vector: Float32Array): number => vector.reduce((sum, value, at) => sum + value * query[at], 0);
      const nearest = stored.map((vector, id) => ({ id, score: cosine(vector) })).sort((a, b) => b.score - a.score);
      const { hits } = await media.search({ near: { vector: 'content', text }, limit: 3 });
      t.same(
        hits.map(({ id }) => id),
        nearest.slice(0, 3).map(({ id }) => id),
        text,
      );
      t.ok(Math.abs(hits[0].score - nearest[0].score) < 1e-5);
    }
    const { hits } = await media.search({ near: { vector: 'content', [kind]: files[5] }, limit: 1 });
    t.equal(hits[0].id, 5);
  });
}
