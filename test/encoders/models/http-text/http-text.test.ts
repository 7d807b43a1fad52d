import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { encoder, httpText, type EncoderInput, type HttpTextOptions } from '@nearfield/encoders';
import { conformance } from '../../conformance.js';

const KEY = 'sk-very-secret-key';
const text = (value: string): EncoderInput => ({ kind: 'text', text: value });

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { input: string[]; model: string; dimensions?: number; encoding_format: string };
}

/** What a service answers in place of embeddings; undefined lets it answer as it should. */
type Fault = (asked: Asked, response: ServerResponse, count: number) => boolean | undefined;

interface Service {
  readonly url: string;
  readonly asked: Asked[];
}

/** An embedding that tells its text and nothing else. */
function embeddingOf(value: string, dimensions = 4): number[] {
  const codes = Array.from(value, (character) => character.codePointAt(0) ?? 0);
  const sum = codes.reduce((total, code, at) => (total * 31 + code * (at + 1)) % 9973, 7);
  return Array.from({ length: dimensions }, (_, at) => Math.fround(((sum * (at + 3)) % 101) / 101 + 0.125));
}

/** A service that speaks OpenAI's protocol, answering backwards so that the order is told by `index` alone. */
async function service(t: Test, { fault, floats = false }: { fault?: Fault; floats?: boolean } = {}): Promise<Service> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let content = '';
    for await (const chunk of request) content += String(chunk);
    const record = { path: request.url ?? '', headers: request.headers, body: JSON.parse(content) as Asked['body'] };
    asked.push(record);
    if (fault?.(record, response, asked.length)) return;
    const data = record.body.input.map((value, index) => {
      const embedding = embeddingOf(value, record.body.dimensions);
      const bytes = Buffer.from(Float32Array.from(embedding).buffer).toString('base64');
      return { object: 'embedding', index, embedding: floats ? embedding : bytes };
    });
    response.end(JSON.stringify({ object: 'list', data: data.toReversed(), model: record.body.model }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function setKey(t: Test, value: string | undefined, name = 'OPENAI_API_KEY'): void {
  const before = process.env[name];
  const set = (to: string | undefined): void => {
    if (to === undefined) delete process.env[name];
    else process.env[name] = to;
  };
  set(value);
  t.teardown(() => set(before));
}

const status =
  (code: number, body: unknown = '', headers: Record<string, string> = { 'retry-after': '0' }): Fault =>
  (_, response) => {
    response.writeHead(code, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    return true;
  };

const options = (url: string, more: HttpTextOptions = {}): HttpTextOptions => ({
  url,
  model: 'tiny',
  dimensions: 4,
  ...more,
});

for (const floats of [false, true]) {
  t.test(`embeddings come in order, given as ${floats ? 'numbers' : 'base64'}`, async (t) => {
    const { url, asked } = await service(t, { floats });
    setKey(t, KEY);
    const model = await httpText(options(url));
    const texts = ['one', 'two', '', 'three', 'four words are here'];
    const embeddings = await model.encode(texts.map(text));
    t.same(
      embeddings.map((embedding) => Array.from(embedding as Float32Array)),
      texts.map((value) => embeddingOf(value || ' ')),
    );
    t.equal(asked[0]?.path, '/v1/embeddings');
    t.equal(asked[0]?.headers.authorization, `Bearer ${KEY}`);
    t.match(asked[0]?.body, { model: 'tiny', dimensions: 4, encoding_format: 'base64' });
  });
}

t.test('texts are asked for in batches', async (t) => {
  const { url, asked } = await service(t);
  const model = await httpText(options(url, { batchSize: 3 }));
  const texts = Array.from({ length: 8 }, (_, at) => `text ${at}`);
  const embeddings = await model.encode(texts.map(text));
  t.same(
    embeddings.map((embedding) => Array.from(embedding as Float32Array)),
    texts.map((value) => embeddingOf(value)),
  );
  t.same(asked.map(({ body }) => body.input.length).sort(), [2, 3, 3]);
});

t.test('prompts go before queries and documents', async (t) => {
  const { url, asked } = await service(t);
  const model = await httpText(options(url, { prompts: { query: 'query: ', document: 'passage: ' } }));
  await model.encode([text('a')]);
  await model.encode([text('a')], { role: 'query' });
  t.same(
    asked.map(({ body }) => body.input),
    [['passage: a'], ['query: a']],
  );
});

t.test('the address may end anywhere before the embeddings', async (t) => {
  const { url, asked } = await service(t);
  for (const end of ['', '/', '/v1', '/v1/', '/v1/embeddings', '/openai/v2']) {
    await (await httpText(options(url + end))).encode([text('a')]);
  }
  t.same(
    asked.map(({ path }) => path),
    [...Array.from({ length: 5 }, () => '/v1/embeddings'), '/openai/v2/embeddings'],
  );
  setKey(t, `${url}/from-environment`, 'OPENAI_BASE_URL');
  await (await httpText({ model: 'tiny', dimensions: 4 })).encode([text('a')]);
  t.equal(asked.at(-1)?.path, '/from-environment/embeddings');
});

t.test('dimensions that are not given are the model’s own', async (t) => {
  const { url, asked } = await service(t);
  const model = await httpText({ url, model: 'tiny' });
  t.same(model.output, { kind: 'dense', dimensions: 4, metric: 'cosine' });
  t.equal(asked[0]?.body.dimensions, undefined);
  t.equal(asked.length, 1);
  const known = await httpText({ url, model: 'text-embedding-3-large' });
  t.match(known.output, { dimensions: 3072 });
  t.equal(asked.length, 1, 'nobody is asked for what is known');
  await t.rejects(known.encode([text('a')]), { code: 'ENCODER_FAILED', message: /3072.*received 4 / });
});

t.test('the name may hold the model', async (t) => {
  const { url, asked } = await service(t);
  const model = await encoder('text:http/org/tiny', { url, dimensions: 4 });
  t.equal(model.identity.name, 'text:http/org/tiny');
  await model.encode([text('a')]);
  t.equal(asked[0]?.body.model, 'org/tiny');
  t.equal((await encoder('text:http', { url, model: 'tiny', dimensions: 4 })).identity.name, 'text:http');
  await t.rejects(encoder('text:http/tiny', { url, model: 'other' }), {
    code: 'INVALID_ARGUMENT',
    details: { field: 'model' },
  });
  await t.rejects(encoder('text:http', { url }), { code: 'INVALID_ARGUMENT', message: /text:http\/<model>/ });
});

t.test('failures that may pass are repeated', async (t) => {
  const faults = [status(429), status(500), status(503)];
  const { url, asked } = await service(t, { fault: (...call) => faults.shift()?.(...call) });
  const model = await httpText(options(url));
  t.equal((await model.encode([text('a')])).length, 1);
  t.equal(asked.length, 4);
});

t.test('failures that stay are told after all repetitions, with what the service says', async (t) => {
  const { url, asked } = await service(t, { fault: status(429, { error: { message: 'slow down' } }) });
  const model = await httpText(options(url, { retries: 2 }));
  await t.rejects(model.encode([text('a')]), { code: 'ENCODER_UNAVAILABLE', message: /429 slow down/ });
  t.equal(asked.length, 3);
});

t.test('what repeating cannot mend is told at once', async (t) => {
  const refusals: readonly (readonly [Fault, { code: string; message: RegExp }])[] = [
    [status(401, { error: { message: 'no' } }), { code: 'ENCODER_UNAVAILABLE', message: /401 no.*OPENAI_API_KEY/ }],
    [status(404, 'no such model'), { code: 'ENCODER_FAILED', message: /404 no such model/ }],
    [status(400, { error: { message: 'too long' } }), { code: 'ENCODER_FAILED', message: /400 too long/ }],
    [status(307, '', { location: 'http://127.0.0.1:1/' }), { code: 'ENCODER_FAILED', message: /307/ }],
    [status(429, '', { 'retry-after': '9999' }), { code: 'ENCODER_UNAVAILABLE', message: /429/ }],
    [
      status(429, { error: { message: 'pay', code: 'insufficient_quota' } }),
      { code: 'ENCODER_UNAVAILABLE', message: /pay/ },
    ],
    [status(200, 'hello'), { code: 'ENCODER_FAILED', message: /hello/ }],
    [status(200, { data: [] }), { code: 'ENCODER_FAILED', message: /0 embeddings/ }],
    [status(200, { data: [{ index: 5, embedding: [1] }] }), { code: 'ENCODER_FAILED', message: /index/ }],
    [status(200, { data: [{ embedding: [1, 'x'] }] }), { code: 'ENCODER_FAILED', message: /finite/ }],
    [status(200, { data: [{ embedding: 'AAA=' }] }), { code: 'ENCODER_FAILED', message: /finite/ }],
    [status(200, { data: [{ embedding: [1, 2] }] }), { code: 'ENCODER_FAILED', message: /4 dimensions.*2 dimensions/ }],
  ];
  for (const [fault, error] of refusals) {
    const { url, asked } = await service(t, { fault });
    await t.rejects((await httpText(options(url))).encode([text('a')]), error, String(error.message));
    t.equal(asked.length, 1);
  }
});

t.test('a service that does not answer in time, or breaks off, is asked again and then given up', async (t) => {
  const { timeout } = AbortSignal;
  t.teardown(() => (AbortSignal.timeout = timeout));
  let expire = (): void => undefined;
  const waits: number[] = [];
  // A wait is over when the service says so: on a slow machine no answer would come in a short time.
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    expire = () => controller.abort(new DOMException('The time is up', 'TimeoutError'));
    waits.push(ms);
    return controller.signal;
  };
  const never: Fault = () => (expire(), true);
  const faults: Fault[] = [never, (_, response) => (response.destroy(), true)];
  const { url, asked } = await service(t, { fault: (...call) => faults.shift()?.(...call) });
  const model = await httpText(options(url, { timeout: 300, retries: 2 }));
  t.equal((await model.encode([text('a')])).length, 1);
  t.equal(asked.length, 3);
  t.same(waits, [300, 300, 300]);
  const silent = await service(t, { fault: never });
  const hopeless = await httpText(options(silent.url, { timeout: 20, retries: 0 }));
  await t.rejects(hopeless.encode([text('a')]), { code: 'ENCODER_UNAVAILABLE', message: /nothing within 20 ms/ });
});

t.test('a signal ends a request that is under way', async (t) => {
  const controller = new AbortController();
  const { url } = await service(t, { fault: () => (controller.abort(new Error('enough')), true) });
  const model = await httpText(options(url));
  await t.rejects(model.encode([text('a')], { signal: controller.signal }), {
    code: 'ABORTED',
    cause: { message: 'enough' },
  });
});

t.test('the key stands in no identity and no message', async (t) => {
  setKey(t, KEY);
  const echo = status(401, { error: { message: `Incorrect API key: ${KEY}` } });
  const { url } = await service(t, { fault: echo });
  const model = await httpText(options(url));
  t.notOk(JSON.stringify(model.identity).includes(KEY));
  t.notOk(JSON.stringify(model.identity).includes(url), 'nor does the address');
  const error = await model.encode([text('a')]).catch((failure: unknown) => failure);
  t.match(error, { message: /Incorrect API key: \*\*\*/ });
  t.notOk(JSON.stringify(error).includes(KEY));
  process.env.OPENAI_API_KEY = `${KEY}\nX: y`;
  const unusable = await model.encode([text('a')]).catch((failure: unknown) => failure);
  t.match(unusable, { code: 'INVALID_ARGUMENT', details: { field: 'apiKeyEnv' } });
  t.notOk(String(unusable).includes(KEY));
});

t.test('another environment variable may hold the key, and none need', async (t) => {
  setKey(t, undefined);
  setKey(t, 'other-key', 'NEARFIELD_TEST_KEY');
  const { url, asked } = await service(t);
  await (await httpText(options(url, { apiKeyEnv: 'NEARFIELD_TEST_KEY' }))).encode([text('a')]);
  await (await httpText(options(url))).encode([text('a')]);
  t.same(
    asked.map(({ headers }) => headers.authorization),
    ['Bearer other-key', undefined],
  );
  const mistaken = await httpText(options(url, { apiKeyEnv: 'sk-a.key' })).catch((failure: unknown) => failure);
  t.match(mistaken, { code: 'INVALID_ARGUMENT', details: { field: 'apiKeyEnv' } });
  t.notOk(String(mistaken).includes('sk-a.key'), 'what may be the key itself is not shown');
});

t.test('identities differ by model and options, and not by address', async (t) => {
  const make = async (more: HttpTextOptions, url = 'http://a/v1'): Promise<object> =>
    (await httpText(options(url, more))).identity;
  const identity = await make({});
  t.same(await make({ batchSize: 2, timeout: 5 }, 'http://b/v1'), identity);
  t.notSame(await make({ model: 'other' }), identity);
  t.notSame(await make({ dimensions: 2 }), identity);
  t.notSame(await make({ prompts: { query: 'q' } }), identity);
});

t.test('bad options are refused by name', async (t) => {
  const bad: readonly (readonly [HttpTextOptions, string])[] = [
    [{ url: 'ftp://x' }, 'url'],
    [{ url: 'http://user:password@x' }, 'url'],
    [{ batchSize: 0 }, 'batchSize'],
    [{ concurrency: 0.5 }, 'concurrency'],
    [{ timeout: -1 }, 'timeout'],
    [{ retries: -1 }, 'retries'],
    [{ model: '' }, 'model'],
    [{ dimensions: 0 }, 'dimensions'],
    [{ prompts: [] as never }, 'prompts'],
  ];
  for (const [more, field] of bad) {
    await t.rejects(httpText(options('http://x', more)), { code: 'INVALID_ARGUMENT', details: { field } }, field);
  }
  await t.rejects(httpText({ modle: 'x' } as never), { code: 'UNKNOWN_OPTION', message: /`model`/ });
});

t.test('the encoder keeps the contract', async (t) => {
  const { url } = await service(t);
  conformance(t, {
    make: () => httpText(options(url)),
    inputs: ['one', 'two', '', 'a lone \ud800 surrogate'].map(text),
    foreign: { kind: 'image', image: 'picture.png' },
  });
});
