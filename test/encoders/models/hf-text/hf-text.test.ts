import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { encoder, hfText, registry, type Encoded, type EncoderInput, type HfTextOptions } from '@nearfield/encoders';
import { HuggingFaceTokenizer } from '@nearfield/encoders/internals/preprocess/text/hugging-face-tokenizer';
import { conformance, difference } from '../../conformance.js';
import { hubServer, useHub, type HubFiles, type HubServer, type SeenRequest } from '../../hub/hub-server.js';
import { tinyBert } from '../tiny-bert.js';
import { TinyGraph, lookupWithExternalData, randomMatrices } from '../tiny-graph.js';
import { bertTokenizer, vocabularyOf } from '../tiny-tokenizer.js';

const HIDDEN = 8;
const WINDOW = 16;
const vocabulary = vocabularyOf([
  ...'hello world query : passage the cat sat on mat , . a b c tea whisky'.split(' '),
  'wor',
  '##ld',
  '##s',
]);
const bert = tinyBert({
  vocabulary: Object.keys(vocabulary).length,
  hidden: HIDDEN,
  positions: WINDOW,
  seed: 20_240_817,
});
const other = tinyBert({ vocabulary: Object.keys(vocabulary).length, hidden: HIDDEN, positions: WINDOW, seed: 7 });

const text = (value: string): EncoderInput => ({ kind: 'text', text: value });
const TEXTS = [
  'Hello, world',
  'the cat sat on the mat',
  '',
  'cats',
  'a b c a b c a b c a b c a b c a b c a b c',
  'Ünknown 漢',
];
const IDS = TEXTS.map((value) => new HuggingFaceTokenizer(bertTokenizer(vocabulary), {}, WINDOW).encode(value));

const POOLING = { pooling_mode_cls_token: false, pooling_mode_mean_tokens: true, pooling_mode_max_tokens: false };
const MODULES = [
  { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
  { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
];
const NORMALIZE = { idx: 2, name: '2', path: '2_Normalize', type: 'sentence_transformers.models.Normalize' };

/** The files of a Sentence Transformers model that does not normalize, with some of them replaced, or left out by undefined. */
function modelFiles(changes: Readonly<Record<string, object | Uint8Array | undefined>> = {}): HubFiles {
  const files: Record<string, object | Uint8Array | undefined> = {
    'config.json': { model_type: 'bert', hidden_size: HIDDEN, max_position_embeddings: WINDOW },
    'tokenizer.json': bertTokenizer(vocabulary),
    'tokenizer_config.json': { model_max_length: 512, pad_token: '[PAD]' },
    'modules.json': MODULES,
    '1_Pooling/config.json': POOLING,
    'onnx/model.onnx': bert.onnx,
    ...changes,
  };
  const entries = Object.entries(files).filter(
    (entry): entry is [string, object | Uint8Array] => entry[1] !== undefined,
  );
  return Object.fromEntries(
    entries.map(([path, content]) => [path, content instanceof Uint8Array ? content : JSON.stringify(content)]),
  );
}

/** A hub with models, and an empty cache. */
async function hub(t: Test, models: Readonly<Record<string, HubFiles>>): Promise<HubServer> {
  const server = await hubServer(t, models);
  useHub(t, server.endpoint, t.testdir());
  return server;
}

/** Embeddings of the texts by a model of its own hub. */
async function embed(
  t: Test,
  changes: Parameters<typeof modelFiles>[0],
  options: HfTextOptions & { readonly role?: 'query'; readonly name?: string } = {},
): Promise<Encoded[]> {
  const { role, name = 'tiny/bert', ...rest } = options;
  await hub(t, { [name]: modelFiles(changes) });
  const model = await hfText(name, { threads: 1, ...rest });
  t.teardown(() => model.close());
  return model.encode(TEXTS.map(text), { role });
}

type Vectors = readonly (readonly number[])[];
const mean = (rows: Vectors): number[] => columns(rows).map((column) => sum(column) / rows.length);
const columns = (rows: Vectors): number[][] =>
  Array.from({ length: HIDDEN }, (_, at) => rows.map((row) => row[at] ?? 0));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const unit = (values: readonly number[]): number[] => values.map((value) => value / Math.hypot(...values));
const byHand = (pool: (tokens: number[][]) => number[], ids: readonly (readonly number[])[] = IDS): number[][] =>
  ids.map((sequence) => pool(bert.tokenEmbeddings(sequence)));

function near(t: Test, actual: readonly Encoded[], expected: readonly (readonly number[])[]): void {
  t.equal(actual.length, expected.length);
  for (const [at, values] of expected.entries()) {
    t.equal((actual[at] as Float32Array).length, values.length);
    const far = difference(actual[at], Float32Array.from(values));
    t.ok(far <= 1e-5, `text ${at} differs by ${far}`);
  }
}

t.test('token ids are those of BERT', async (t) => {
  const id = (token: string): number => vocabulary[token] ?? -1;
  const tokenizer = new HuggingFaceTokenizer(bertTokenizer(vocabulary), { pad_token: '[PAD]' }, WINDOW);
  t.same(tokenizer.encode('Hello, WORLDS'), [2, id('hello'), id(','), id('world'), id('##s'), 3]);
  t.same(tokenizer.encode('cafe\u0301 wor'), [2, 1, id('wor'), 3], 'unknown words are one token');
  t.same(tokenizer.encode(''), [2, 3]);
  const long = tokenizer.encode('the cat '.repeat(50_000));
  t.equal(long.length, WINDOW);
  t.same([long[0], long[1], long.at(-1)], [2, id('the'), 3], 'special tokens stay when a text is cut');
  t.equal(tokenizer.padding, 0);
  t.equal(tokenizer.count('hello worlds'), 3);
});

const POOLINGS: readonly (readonly [
  NonNullable<HfTextOptions['pooling']>,
  string,
  (tokens: number[][]) => number[],
])[] = [
  ['mean', 'pooling_mode_mean_tokens', mean],
  ['cls', 'pooling_mode_cls_token', (tokens) => tokens[0] ?? []],
  ['last', 'pooling_mode_lasttoken', (tokens) => tokens.at(-1) ?? []],
  ['max', 'pooling_mode_max_tokens', (tokens) => columns(tokens).map((column) => Math.max(...column))],
  [
    'mean_sqrt_len',
    'pooling_mode_mean_sqrt_len_tokens',
    (tokens) => columns(tokens).map((column) => sum(column) / Math.sqrt(column.length)),
  ],
  [
    'weighted_mean',
    'pooling_mode_weightedmean_tokens',
    (tokens) =>
      columns(tokens).map(
        (column) => sum(column.map((value, at) => value * (at + 1))) / sum(column.map((_, at) => at + 1)),
      ),
  ],
];
for (const [pooling, flag, pool] of POOLINGS) {
  t.test(`an embedding is that of a computation by hand: ${pooling}`, async (t) => {
    const configured = { '1_Pooling/config.json': { ...POOLING, pooling_mode_mean_tokens: false, [flag]: true } };
    near(t, await embed(t, configured), byHand(pool));
    near(t, await embed(t, {}, { pooling }), byHand(pool));
  });
}

t.test('results of several poolings are strung together', async (t) => {
  const both = { '1_Pooling/config.json': { pooling_mode_mean_tokens: true, pooling_mode_cls_token: true } };
  near(
    t,
    await embed(t, both),
    byHand((tokens) => [...(tokens[0] ?? []), ...mean(tokens)]),
  );
});

t.test('embeddings are brought to length 1 as the model says, or by default', async (t) => {
  const expected = byHand((tokens) => unit(mean(tokens)));
  near(t, await embed(t, { 'modules.json': [...MODULES, NORMALIZE] }), expected);
  near(t, await embed(t, { 'modules.json': undefined }), expected);
  near(t, await embed(t, {}, { normalize: true }), expected);
  near(t, await embed(t, { 'modules.json': undefined }, { normalize: false }), byHand(mean));
});

t.test('a Matryoshka embedding is the first numbers, brought to length 1', async (t) => {
  const expected = byHand((tokens) => unit(mean(tokens).slice(0, 3)));
  near(t, await embed(t, { 'modules.json': [...MODULES, NORMALIZE] }, { dimensions: 3 }), expected);
  const normalized = (values: number[]): number[] => {
    const centre = sum(values) / values.length;
    const variance = sum(values.map((value) => (value - centre) ** 2)) / values.length;
    return values.map((value) => (value - centre) / Math.sqrt(variance + 1e-5));
  };
  const options = { dimensions: 3, normalize: true, prompts: { document: '' }, name: 'tiny/nomic-embed-text-v1.5' };
  near(
    t,
    await embed(t, {}, options),
    byHand((tokens) => unit(normalized(mean(tokens)).slice(0, 3))),
  );
});

t.test('prompts of the model, of its family or one’s own go before queries and documents', async (t) => {
  const tokenizer = new HuggingFaceTokenizer(bertTokenizer(vocabulary), {}, WINDOW);
  const after = (prompt: string): number[][] =>
    byHand(
      mean,
      TEXTS.map((value) => tokenizer.encode(prompt + value)),
    );
  const prompts = { query: 'the query: ', document: 'the passage: ' };
  const configured = { 'config_sentence_transformers.json': { prompts } };
  near(t, await embed(t, configured, { role: 'query' }), after(prompts.query));
  near(t, await embed(t, configured), after(prompts.document));
  near(t, await embed(t, configured, { prompts: { document: '' } }), byHand(mean));
  near(t, await embed(t, configured, { prompts: { query: 'cat ' }, role: 'query' }), after('cat '));
  near(t, await embed(t, {}, { name: 'tiny/e5-small-v2', role: 'query' }), after('query: '));
  near(t, await embed(t, {}, { name: 'tiny/e5-small-v2' }), after('passage: '));
  const byDefault = { prompts: { some: 'mat ' }, default_prompt_name: 'some' };
  near(t, await embed(t, { 'config_sentence_transformers.json': byDefault }), after('mat '));
});

t.test('tokens of a prompt are left out of the pooling when the model says so', async (t) => {
  const changes = {
    '1_Pooling/config.json': { ...POOLING, include_prompt: false },
    'config_sentence_transformers.json': { prompts: { document: 'the passage: ' } },
  };
  const tokenizer = new HuggingFaceTokenizer(bertTokenizer(vocabulary), {}, WINDOW);
  const expected = byHand(
    (tokens) => mean(tokens.slice(4)),
    TEXTS.map((value) => tokenizer.encode(`the passage: ${value}`)),
  );
  near(t, await embed(t, changes), expected);
});

t.test('a text is read up to the window, which an option shortens', async (t) => {
  const short = new HuggingFaceTokenizer(bertTokenizer(vocabulary), {}, 5);
  const expected = byHand(
    mean,
    TEXTS.map((value) => short.encode(value)),
  );
  near(t, await embed(t, {}, { maxLength: 5 }), expected);
  near(t, await embed(t, { 'sentence_bert_config.json': { max_seq_length: 5 } }), expected);
  near(t, await embed(t, { 'tokenizer_config.json': { model_max_length: 5 } }), expected);
  await t.rejects(embed(t, {}, { maxLength: WINDOW + 1 }), {
    code: 'INVALID_ARGUMENT',
    details: { field: 'maxLength' },
  });
});

t.test('the precision chooses the file, and a missing one is told with those that there are', async (t) => {
  const files = { 'onnx/model_quantized.onnx': other.onnx, 'onnx/model_q4.onnx': other.onnx };
  const expected = IDS.map((ids) => mean(other.tokenEmbeddings(ids)));
  near(t, await embed(t, files, { precision: 'int8' }), expected);
  near(t, await embed(t, files, { modelFile: 'onnx/model_q4.onnx' }), expected);
  near(t, await embed(t, files), byHand(mean));
  await t.rejects(embed(t, files, { precision: 'fp16' }), { code: 'MODEL_NOT_FOUND', message: /model_q4\.onnx/ });
  await t.rejects(embed(t, {}, { modelFile: '../x.onnx' }), { code: 'MODEL_INVALID' });
});

t.test('what an encoder declares is known before its weights are downloaded', async (t) => {
  const { seen } = await hub(t, { 'tiny/bert': modelFiles() });
  const model = await encoder('text:hf/tiny/bert', { dimensions: 4 });
  t.same(model.output, { kind: 'dense', dimensions: 4, metric: 'cosine' });
  t.same(model.accepts, ['text']);
  t.equal(model.identity.name, 'text:hf/tiny/bert');
  t.match(model.identity.options, { precision: 'fp32', pooling: ['mean'], maxLength: WINDOW, dimensions: 4 });
  t.notOk(seen.some(({ host }) => host === 'store'));
  const dot = { 'config_sentence_transformers.json': { similarity_fn_name: 'dot' }, 'modules.json': undefined };
  await hub(t, { 'tiny/dot': modelFiles(dot) });
  const product = await encoder('text:hf/tiny/dot');
  t.match([product.output, product.identity.options], [{ metric: 'dot' }, { normalize: false }]);
});

t.test('the checksum of an identity is that of the weights and the vocabulary, wherever they are', async (t) => {
  const folder = await written(t, modelFiles());
  await hub(t, {
    'tiny/bert': modelFiles(),
    'tiny/other': modelFiles({ 'onnx/model.onnx': other.onnx }),
    'tiny/words': modelFiles({ 'tokenizer.json': bertTokenizer({ ...vocabulary, more: 99 }) }),
  });
  const checksum = async (name: string, options?: HfTextOptions): Promise<string> =>
    (await hfText(name, options)).identity.checksum;
  const here = await checksum('tiny/bert');
  t.equal(await checksum(folder), here);
  t.not(await checksum('tiny/other'), here);
  t.not(await checksum('tiny/words'), here);
  const [byFolder, byName] = [await hfText('tiny/bert', { folder }), await hfText('tiny/bert')];
  t.same(byFolder.identity, byName.identity, 'a database that one wrote is the other’s');
});

t.test('a folder needs no hub', async (t) => {
  const folder = await written(t, modelFiles({ 'onnx/model.onnx': undefined, 'model.onnx': bert.onnx }));
  useHub(t, 'http://127.0.0.1:9', join(folder, 'cache'));
  for (const model of [await encoder(`text:hf/${folder}`), await encoder('text:hf/tiny/bert', { folder })]) {
    near(t, await model.encode(TEXTS.map(text)), byHand(mean));
    await model.close();
  }
});

t.test('a registry resolves names with a prefix, always to the same instance', async (t) => {
  await hub(t, { 'tiny/bert': modelFiles() });
  const known = registry();
  const model = await known.resolve('text:hf/tiny/bert');
  t.equal(await known.resolve('text:hf/tiny/bert'), model);
  t.ok(known.names().includes('text:hf/tiny/bert'));
  await t.rejects(known.resolve('text:hf/tiny/none'), { code: 'MODEL_NOT_FOUND' });
  await t.rejects(known.resolve('text:hf/'), { code: 'UNKNOWN_ENCODER' });
  await known.close();
});

t.test('models of another kind are refused', async (t) => {
  const refusals: readonly (readonly [Parameters<typeof modelFiles>[0], { code: string; message?: RegExp }])[] = [
    [{ 'config.json': undefined }, { code: 'MODEL_NOT_FOUND', message: /config\.json/ }],
    [{ 'config.json': { model_type: 'bert' } }, { code: 'MODEL_INVALID', message: /hidden_size/ }],
    [{ 'config.json': Buffer.from('[1]') }, { code: 'MODEL_INVALID' }],
    [{ 'modules.json': [{ type: 1 }] }, { code: 'MODEL_INVALID', message: /modules\.json/ }],
    [{ 'modules.json': [{ ...MODULES[1], path: '../../etc' }] }, { code: 'MODEL_INVALID', message: /outside/ }],
    [{ 'tokenizer.json': undefined }, { code: 'MODEL_NOT_FOUND', message: /tokenizer\.json/ }],
    [{ 'tokenizer.json': { model: { type: 'None' } } }, { code: 'MODEL_INVALID', message: /tokenizer/ }],
    [
      { 'config.json': { hidden_size: 5, max_position_embeddings: WINDOW } },
      { code: 'MODEL_INVALID', message: /\[\d,\d+,8\]/ },
    ],
    [{ 'onnx/model.onnx': Buffer.from('no model') }, { code: 'MODEL_INVALID', message: /model\.onnx/ }],
  ];
  for (const [changes, error] of refusals) await t.rejects(embed(t, changes), error, JSON.stringify(changes));
});

t.test('bad options are refused by name', async (t) => {
  const bad: readonly (readonly [object, string])[] = [
    [{ pooling: 'average' }, 'pooling'],
    [{ precision: 'fp8' }, 'precision'],
    [{ dimensions: HIDDEN + 1 }, 'dimensions'],
    [{ dimensions: 0 }, 'dimensions'],
    [{ batchSize: 1.5 }, 'batchSize'],
    [{ threads: 0 }, 'threads'],
    [{ normalize: 1 }, 'normalize'],
    [{ prompts: 'x' }, 'prompts'],
    [{ prompts: { query: 1 } }, 'prompts.query'],
    [{ folder: 1 }, 'folder'],
  ];
  await hub(t, { 'tiny/bert': modelFiles() });
  for (const [options, field] of bad) {
    await t.rejects(hfText('tiny/bert', options), { code: 'INVALID_ARGUMENT', details: { field } }, field);
  }
  await t.rejects(hfText('tiny/bert', { poolings: 1 } as never), { code: 'UNKNOWN_OPTION', message: /`pooling`/ });
});

t.test('a download that fails is told by encode, and tried again by the next', async (t) => {
  let broken = true;
  const status = (): [number] | undefined => (broken ? [403] : undefined);
  const server = await hubServer(
    t,
    { 'tiny/bert': modelFiles() },
    {
      faults: { status: ({ host }) => (host === 'store' ? status() : undefined) },
    },
  );
  useHub(t, server.endpoint, t.testdir());
  const model = await hfText('tiny/bert');
  t.teardown(() => model.close());
  await t.rejects(model.encode([text('a')]), { code: 'MODEL_UNAVAILABLE' });
  broken = false;
  near(t, await model.encode(TEXTS.map(text)), byHand(mean));
});

t.test('a signal ends the wait for a download, which goes on for others', async (t) => {
  const controller = new AbortController();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const before = ({ host }: SeenRequest): Promise<void> | undefined => {
    if (host !== 'store') return undefined;
    controller.abort(new Error('enough'));
    return released;
  };
  const server = await hubServer(t, { 'tiny/bert': modelFiles() }, { faults: { before } });
  useHub(t, server.endpoint, t.testdir());
  const model = await hfText('tiny/bert');
  t.teardown(() => model.close());
  await t.rejects(model.encode([text('a')], { signal: controller.signal }), {
    code: 'ABORTED',
    cause: { message: 'enough' },
  });
  release();
  near(t, await model.encode(TEXTS.map(text)), byHand(mean));
  t.equal(server.seen.filter(({ host }) => host === 'store').length, 1);
});

t.test('weights that a graph keeps outside of itself are read beside it', async (t) => {
  const words = randomMatrices(5)([Object.keys(vocabulary).length, HIDDEN]);
  const bytes = Buffer.from(words.data.buffer);
  const files = { 'onnx/model.onnx': lookupWithExternalData(words, 'model.onnx_data'), 'onnx/model.onnx_data': bytes };
  const expected = IDS.map((ids) =>
    mean(ids.map((id) => Array.from(words.data.subarray(id * HIDDEN, (id + 1) * HIDDEN)))),
  );
  near(t, await embed(t, files), expected);
  const leadingOut = { 'onnx/model.onnx': lookupWithExternalData(words, '../secret'), secret: bytes };
  const model = await hfText(await written(t, modelFiles(leadingOut)));
  t.teardown(() => model.close());
  await t.rejects(model.encode([text('a')]), { code: 'MODEL_INVALID', message: /outside|escape/ });
});

t.test('16-bit outputs are widened', async (t) => {
  const words = randomMatrices(5)([Object.keys(vocabulary).length, HIDDEN]);
  const graph = new TinyGraph();
  const found = graph.node('Gather', [graph.constant(words), graph.input('input_ids', 'int64')]);
  const half = graph.node('Cast', [found], { to: { int: 10 } }, 'last_hidden_state');
  const embeddings = await embed(
    t,
    { 'onnx/model_fp16.onnx': graph.write([half]) },
    { precision: 'fp16', pooling: 'cls' },
  );
  const first = Array.from(words.data.subarray(2 * HIDDEN, 3 * HIDDEN));
  for (const embedding of embeddings) t.ok(difference(embedding, Float32Array.from(first)) < 2 ** -11);
});

t.test('passages leave room for the prompt and the special tokens', async (t) => {
  const prompts = { document: 'the passage: ' };
  const model = await hfText('tiny/bert', { folder: await written(t, modelFiles()), prompts });
  t.teardown(() => model.close());
  const long = 'the cat sat on a mat, a b c. '.repeat(30).trim();
  const tokenizer = new HuggingFaceTokenizer(bertTokenizer(vocabulary), {}, 1000);
  const [spans = []] = (await model.passages?.([long])) ?? [];
  const lengths = spans.map(({ start, end }) => tokenizer.encode(prompts.document + long.slice(start, end)).length);
  t.equal(spans.length, 30);
  t.same(
    lengths.filter((length) => length > WINDOW),
    [],
  );
  t.same(await model.passages?.(['a b c', '']), [[{ start: 0, end: 5 }], [{ start: 0, end: 0 }]]);
});

t.test('the encoder keeps the contract', async (t) => {
  const folder = await written(t, modelFiles());
  conformance(t, {
    make: () => hfText('tiny/bert', { folder, threads: 2, batchSize: 4 }),
    inputs: [...TEXTS, 'a lone \ud800 surrogate', 'the cat '.repeat(300)].map(text),
    foreign: { kind: 'image', image: 'picture.png' },
  });
});

/** A folder with those files. */
async function written(t: Test, files: HubFiles): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nearfield-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}
