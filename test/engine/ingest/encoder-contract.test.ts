import { join } from 'node:path';
import t from 'tap';
import { open, type Encoder, type FieldType } from '@nearfield/engine';
import { LetterEncoder, registryOf } from '../small-encoders.js';

async function opened(encoder: Encoder, type: FieldType = 'text') {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const schema = { fields: { source: type }, vectors: { made: { from: ['source'], encoder } } } as const;
  return { db, rows: () => db.collection('rows', schema) };
}

/** The letter encoder with some of its members replaced. */
function changed(members: object): Encoder {
  return Object.assign(Object.create(new LetterEncoder()) as Encoder, members);
}

t.test('an encoder that is not what the contract says is refused before anything is created', async (t) => {
  const { identity } = new LetterEncoder();
  const wrong: [object, RegExp][] = [
    [{ identity: { ...identity, options: { big: 1n } } }, /identity/],
    [{ accepts: [] }, /accepts/],
    [{ accepts: ['video'] }, /accepts.*text/],
    [{ accepts: undefined }, /accepts/],
    [{ output: undefined }, /output/],
    [{ output: { kind: 'denser' } }, /output/],
    [{ output: { kind: 'dense', dimensions: 0, metric: 'dot' } }, /dimensions/],
    [{ output: { kind: 'dense', dimensions: 2, metric: 'dott' } }, /metric/],
    [{ strength: NaN }, /strength/],
    [{ strength: 0 }, /strength/],
  ];
  for (const [members, message] of wrong) {
    const { db, rows } = await opened(changed(members));
    await t.rejects(rows(), { code: 'INVALID_SCHEMA', message, details: { field: 'made' } });
    t.same(await db.collections(), []);
  }
});

t.test('only fields that are text, image or sound are encoded', async (t) => {
  for (const type of ['text', 'keyword', 'keyword[]'] as const) {
    const { rows } = await opened(new LetterEncoder(), type);
    const collection = await rows();
    await collection.upsert({ id: 1, source: (type === 'keyword[]' ? ['a', 'b'] : 'a b') as never });
    t.equal((await collection.search({ text: 'ab' })).hits.length, 1, type);
  }
  for (const type of ['image', 'audio', 'integer', 'float', 'boolean', 'datetime', 'geo', 'json'] as const) {
    const { rows } = await opened(new LetterEncoder(), type);
    await t.rejects(rows(), { code: 'INVALID_SCHEMA', details: { field: 'made', received: type } }, type);
  }
});

t.test('a query of a kind that the encoder does not take is refused', async (t) => {
  const { rows } = await opened(new LetterEncoder());
  const collection = await rows();
  const asked = (leg: object) => collection.search({ near: { vector: 'made', ...leg } });
  await t.rejects(asked({ image: 'a.png' }), {
    code: 'INVALID_INPUT',
    details: { expected: 'text', received: 'image' },
  });
  await t.rejects(asked({ audio: Uint8Array.of(1) }), { code: 'INVALID_INPUT' });
  for (const image of [5, '', {}, null]) await t.rejects(asked({ image }), { code: 'INVALID_QUERY' });
});

t.test('the texts of several fields are joined by line breaks, blank ones left out', async (t) => {
  const encoder = new LetterEncoder();
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { title: 'text', plot: 'text', tags: 'keyword[]' },
    vectors: { made: { from: ['tags', 'title', 'plot'], encoder } },
  });
  await rows.upsert([
    { id: 1, title: 'one', plot: ' \n', tags: ['x', '', 'y'] },
    { id: 2, title: '', plot: ' ' },
    { id: 3, plot: 'three' },
  ]);
  t.same(encoder.calls, [['x\ny\none', 'three']]);
  t.equal((await rows.stats()).vectors.made.count, 2);
});

t.test('an encoder that is found only after opening is held against the one that wrote the vectors', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const schema = { fields: { text: 'text' }, vectors: { made: { from: ['text'], encoder: 'text:letters' } } } as const;
  const first = await open(path, { encoders: registryOf(new LetterEncoder()) });
  await (await first.collection('rows', schema)).upsert({ id: 1, text: 'a' });
  await first.close();

  const found: Encoder[] = [];
  const registry = { ...registryOf(), resolve: (name: string) => registryOf(...found).resolve(name) };
  const db = await open(path, { encoders: registry });
  t.teardown(() => db.close());
  const rows = await db.collection('rows');
  await t.rejects(rows.upsert({ id: 2, text: 'b' }), { code: 'UNKNOWN_ENCODER' });
  found.push(new LetterEncoder(1, '2'));
  await t.rejects(rows.upsert({ id: 2, text: 'b' }), { code: 'ENCODER_MISMATCH', details: { field: 'made' } });
  await t.rejects(rows.search({ near: { vector: 'made', text: 'b' } }), { code: 'ENCODER_MISMATCH' });
  t.equal(await rows.count(), 1);
  found.splice(0, 1, new LetterEncoder());
  await rows.upsert({ id: 2, text: 'b' });
  t.equal(await rows.count(), 2);
});
