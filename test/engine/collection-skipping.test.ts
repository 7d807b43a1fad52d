import t, { type Test } from 'tap';
import {
  NearfieldError,
  open,
  type Encoder,
  type IngestOptions,
  type Progress,
  type SkippedRecord,
} from '@nearfield/engine';
import { LetterEncoder, SharedEncoder, WordEncoder } from './small-encoders.js';
import { HeldCommits } from './store/held-commits.js';

async function pictures(t: Test, encoder: Encoder = new SharedEncoder('image:letters', ['image'])) {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  return db.collection('pictures', {
    fields: { name: 'text', year: 'integer', file: 'image' },
    vectors: { look: { from: ['file'], encoder }, words: { from: ['name'], encoder: new WordEncoder() } },
  });
}

/** An encoder that knows nothing of `onUnreadable`. */
function plain(encoder = new SharedEncoder('image:letters', ['image'])): SharedEncoder {
  const encode = encoder.encode.bind(encoder);
  return Object.assign(encoder, { encode: (inputs: Parameters<typeof encode>[0]) => encode(inputs) });
}

const records = (count: number, broken: readonly number[]) =>
  Array.from({ length: count }, (_, id) => ({
    id,
    name: `n${id}`,
    file: broken.includes(id) ? `broken${id}` : 'abcd',
  }));

const skip = { onError: 'skip' } as const;

t.test('records that cannot be checked or read are left out and reported, and the others go in', async (t) => {
  for (const encoder of [new SharedEncoder('image:letters', ['image']), plain()]) {
    const rows = await pictures(t, encoder);
    const reported: SkippedRecord[] = [];
    const result = await rows.upsert(
      [
        { id: 'a', file: 'a.png' },
        { id: 'b', file: 'broken.png' },
        { id: 'c', year: 1.5 },
        'not a record',
        { id: -1 },
        { id: 'd', file: 'd.png', name: 'x' },
        { id: 'a', year: 'late' },
      ] as never[],
      { ...skip, onSkip: (skipped) => reported.push(skipped) },
    );
    t.match(result, { count: 2, skippedCount: 5 });
    t.same(
      result.skipped.map(({ id, position, code }) => [position, id, code]),
      [
        [2, 'c', 'INVALID_FIELD'],
        [3, undefined, 'INVALID_RECORD'],
        [4, undefined, 'INVALID_ID'],
        [6, 'a', 'INVALID_FIELD'],
        [1, 'b', 'UNREADABLE_MEDIA'],
      ],
    );
    t.match(result.skipped[4].message, /^Record "b": Input \d cannot be read/);
    t.same(reported, result.skipped);
    t.same(
      (await rows.get(['a', 'b', 'c', 'd'])).map((record) => record?.id),
      ['a', undefined, undefined, 'd'],
    );
    t.equal((await rows.search({ text: 'x' })).hits.length, 1);
  }
});

t.test('by default the first such record stops the batch, and is named', async (t) => {
  for (const encoder of [new SharedEncoder('image:letters', ['image']), plain()]) {
    const rows = await pictures(t, encoder);
    await t.rejects(rows.upsert(records(9, [5])), { code: 'UNREADABLE_MEDIA', details: { record: 5 } });
    await t.rejects(rows.upsert(records(9, [5]), { onError: 'stop' }), { code: 'UNREADABLE_MEDIA' });
    t.equal(await rows.count(), 0);
    t.strictSame(await rows.upsert(records(2, [])), { count: 2 });
  }
});

t.test('a stream skips by position, over batches', async (t) => {
  const rows = await pictures(t);
  const broken = [0, 255, 256, 700, 999];
  const progress: number[] = [];
  const result = await rows.upsert(records(1000, broken).values(), {
    ...skip,
    onProgress: ({ done }) => progress.push(done),
  });
  t.match(result, { count: 995, skippedCount: 5 });
  // Listed as they were found: the next batch is checked while one is encoded.
  t.same(
    result.skipped.map(({ position }) => position).sort((a, b) => a - b),
    broken,
  );
  t.equal(progress.at(-1), 995);
  t.equal(await rows.count(), 995);
});

t.test('of an encoder that does not tell which input it was, the inputs are halved until it is found', async (t) => {
  const encoder = plain();
  const rows = await pictures(t, encoder);
  const result = await rows.upsert(records(256, [3, 77]), skip);
  t.same(
    result.skipped.map(({ id }) => id),
    [3, 77],
  );
  t.equal(result.count, 254);
  t.ok(encoder.calls.length < 40, `${encoder.calls.length} calls`);
});

t.test('the list of a result is bounded, its count is not', async (t) => {
  const rows = await pictures(t);
  let reported = 0;
  const many = Array.from({ length: 2500 }, (_, id) => ({ id, year: 0.5 }));
  const result = await rows.upsert(many, { ...skip, onSkip: () => reported++ });
  t.same([result.count, result.skippedCount, result.skipped.length, reported], [0, 2500, 1000, 2500]);
});

t.test('an encoder that fails for every input stops the ingest', async (t) => {
  let calls = 0;
  const failing = Object.assign(new SharedEncoder('image:letters', ['image']), {
    encode: async () => {
      calls++;
      throw new Error('the server is down');
    },
  });
  const rows = await pictures(t, failing);
  await t.rejects(rows.upsert(records(256, []), skip), { code: 'ENCODER_FAILED', cause: { message: /down/ } });
  t.ok(calls < 32, `${calls} calls`);
  await t.rejects(rows.upsert(records(2, []), skip), { code: 'ENCODER_FAILED' });
  t.match(await rows.upsert(records(1, []), skip), { count: 0, skippedCount: 1 }, 'of one record nobody can tell');
  t.equal(await rows.count(), 0);
});

t.test('an encoder that fails for some inputs, or gives them no numbers, loses these', async (t) => {
  const some = new LetterEncoder();
  const encode = some.encode.bind(some);
  const encoder = Object.assign(some, {
    encode: async (inputs: Parameters<typeof encode>[0]) => {
      const vectors = (await encode(inputs)) as Float32Array[];
      for (const [i, input] of inputs.entries()) {
        if (input.kind === 'text' && input.text === 'bad') throw new TypeError('bad');
        if (input.kind === 'text' && input.text === 'nan') vectors[i].fill(NaN);
      }
      return vectors;
    },
  });
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: { text: 'text' }, vectors: { v: { from: ['text'], encoder } } });
  const texts = ['a', 'bad', 'b', 'nan', 'c', 'd', 'e'];
  const result = await rows.upsert(
    texts.map((text, id) => ({ id, text })),
    skip,
  );
  t.same(
    result.skipped.map(({ id, code }) => [id, code]),
    [
      [1, 'ENCODER_FAILED'],
      [3, 'INVALID_VECTOR'],
    ],
  );
  t.equal(result.count, 5);
});

t.test('what is no record of its own is thrown', async (t) => {
  const rows = await pictures(t);
  await rows.upsert({ id: 1 });
  await t.rejects(rows.add([{ id: 1 }, { id: 2 }], skip), { code: 'ID_EXISTS' });
  await t.rejects(rows.upsert(records(3, []), { ...skip, signal: AbortSignal.abort() }), { code: 'ABORTED' });
  const stuck = (function* () {
    yield { id: 5 };
    throw new Error('the source broke');
  })();
  await t.rejects(rows.upsert(stuck, skip), { message: 'the source broke' });
  const missing = Object.assign(new SharedEncoder('image:letters', ['image']), {
    encode: () => Promise.reject(new NearfieldError('ENCODER_UNAVAILABLE', 'It is not installed')),
  });
  const others = await pictures(t, missing);
  await t.rejects(others.upsert(records(3, []), skip), { code: 'ENCODER_UNAVAILABLE' });
});

t.test('wrong options are refused', async (t) => {
  const rows = await pictures(t);
  const refused: [object, { code: string; details?: object; message?: RegExp }][] = [
    [{ onError: 'ignore' }, { code: 'INVALID_ARGUMENT', details: { field: 'onError' } }],
    [{ onSkip: () => undefined }, { code: 'INVALID_ARGUMENT', details: { field: 'onSkip' } }],
    [
      { onError: 'skip', onSkip: 'log' },
      { code: 'INVALID_ARGUMENT', details: { field: 'onSkip' } },
    ],
    [{ onErorr: 'skip' }, { code: 'UNKNOWN_OPTION', message: /`onError`/ }],
  ];
  for (const [options, error] of refused) await t.rejects(rows.upsert({ id: 1 }, options as IngestOptions), error);
  await t.rejects(rows.update(1, {}, { onError: 'skip' } as object), { code: 'UNKNOWN_OPTION' });
});

t.test('an error of the callback is thrown', async (t) => {
  const rows = await pictures(t);
  const onSkip = () => {
    throw new Error('enough');
  };
  await t.rejects(rows.upsert(records(3, [1]), { ...skip, onSkip }), { message: 'enough' });
  t.equal(await rows.count(), 0);
});

t.test('a stream encodes a batch while the one before commits, and holds few at a time', async (t) => {
  const db = await open(`${t.testdir()}/a.nf`, { durability: 'relaxed' });
  t.teardown(() => db.close());
  const encoder = new LetterEncoder();
  const rows = await db.collection('rows', { fields: { text: 'text' }, vectors: { v: { from: ['text'], encoder } } });
  const held = new HeldCommits(t);
  let [read, committed, most] = [0, 0, 0];
  const secondEncoded = new Promise<void>((resolve) => {
    encoder.pause = async () => {
      if (encoder.calls.length === 2) resolve();
    };
  });
  const source = (function* () {
    for (let id = 0; id < 256 * 12; id++) {
      read++;
      most = Math.max(most, read - committed);
      yield { id, text: 'abc' };
    }
  })();
  const onProgress = ({ done, phase }: Progress) => phase === 'commit' && (committed = done);
  const [writing] = await held.during(() => rows.upsert(source, { onProgress }));
  await secondEncoded;
  t.equal(committed, 0, 'the second batch is encoded before the first one is known to be committed');
  held.release();
  t.same(await writing, { count: 256 * 12 });
  t.ok(most <= 256 * 5, `${most} records were read ahead`);
});
