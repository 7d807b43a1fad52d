import t from 'tap';
import { servingFilms } from '../serving.js';

const FILMS = '/v1/collections/films';

t.test('a search by text finds the nearest record and says how', async (t) => {
  const { app } = await servingFilms(t);
  const answer = await app.inject({ method: 'POST', url: `${FILMS}/search`, payload: { text: 'bb', limit: 1 } });
  t.equal(answer.statusCode, 200);
  const { hits, info } = answer.json();
  t.match(hits, [{ id: '1', scores: { letters: { rank: 1 } }, record: { title: 'bbb', poster: { base64: 'AQID' } } }]);
  t.match(info, { exact: true, recall: 1, strategy: 'exact-scan' });
});

t.test('a search by an array of numbers is one by that vector', async (t) => {
  const { app } = await servingFilms(t);
  const near = { vector: 'mine', value: [2, 0, 1] };
  for (const legs of [near, [near]]) {
    const answer = await app.inject({
      method: 'POST',
      url: `${FILMS}/search`,
      payload: { near: legs, select: ['year'] },
    });
    const [hit] = answer.json().hits;
    t.strictSame(hit.record, { id: 1, year: 1990 });
    t.ok(Math.abs(hit.score - 1) < 1e-6, 'parallel vectors');
  }
});

t.test('a batch answers each query in order', async (t) => {
  const { app } = await servingFilms(t);
  const queries = [
    { text: 'a', limit: 1 },
    { text: 'b', limit: 1 },
  ];
  for (const payload of [queries, { queries }]) {
    const { results } = (await app.inject({ method: 'POST', url: `${FILMS}/search/batch`, payload })).json();
    t.strictSame(
      results.map(({ hits }: { hits: { id: unknown }[] }) => hits[0].id),
      [1, '1'],
    );
  }
});

t.test('explain gives the plan', async (t) => {
  const { app } = await servingFilms(t);
  const payload = { text: 'a', filter: { year: { $lt: 1995 } } };
  const plan = (await app.inject({ method: 'POST', url: `${FILMS}/explain`, payload })).json();
  t.match(plan, {
    kind: 'query-plan',
    strategy: 'exact-scan',
    filter: { columns: ['year'] },
    legs: [{ kind: 'dense', vector: 'letters', steps: [], exact: true, recall: 1 }],
  });
});

t.test('analyze gives what the plan came to', async (t) => {
  const { app } = await servingFilms(t);
  const payload = { text: 'a', filter: { year: { $lt: 1995 } } };
  const analysis = (await app.inject({ method: 'POST', url: `${FILMS}/analyze`, payload })).json();
  const found = (await app.inject({ method: 'POST', url: `${FILMS}/search`, payload })).json();
  t.match(analysis, {
    kind: 'search-analysis',
    plan: { kind: 'query-plan', filter: { matches: found.info.matches } },
    info: { exact: true, matches: found.info.matches },
    hits: found.hits.length,
    recall: 1,
    legs: [{ vector: 'letters', segments: [{ computed: found.info.matches, completed: false }] }],
  });
  const stages = analysis.stages.map(({ stage }: { stage: string }) => stage);
  t.same(stages, ['encode', 'filter', 'plan', 'segments', 'fuse', 'hydrate']);
});

t.test('what a search should give and cost may be said', async (t) => {
  const { app } = await servingFilms(t);
  const payload = { text: 'a', minRecall: 0.9, effort: 50 };
  const answer = await app.inject({ method: 'POST', url: `${FILMS}/search`, payload });
  t.match(answer.json().info, { exact: true, recall: 1, strategy: 'exact-scan' });
  const wrong = await app.inject({ method: 'POST', url: `${FILMS}/search`, payload: { text: 'a', minRecall: 2 } });
  t.equal(wrong.statusCode, 400);
  t.equal(wrong.json().error.code, 'INVALID_QUERY');
});

const REFUSED: [what: string, query: object | undefined, status: number, code: string][] = [
  ['no body', undefined, 400, 'INVALID_QUERY'],
  ['nothing to be near to', {}, 400, 'INVALID_QUERY'],
  ['an unknown option', { text: 'a', limt: 3 }, 400, 'UNKNOWN_OPTION'],
  ['a signal', { text: 'a', signal: {} }, 400, 'UNKNOWN_OPTION'],
  ['an unknown operator', { text: 'a', filter: { year: { $gtt: 1 } } }, 400, 'UNKNOWN_OPERATOR'],
  ['a filter of the wrong type', { text: 'a', filter: { year: 'x' } }, 400, 'INVALID_FILTER'],
  ['an unknown vector', { near: { vector: 'your', value: [1] } }, 400, 'UNKNOWN_VECTOR'],
  ['a vector of strings', { near: { vector: 'mine', value: ['1', '2', '3'] } }, 400, 'INVALID_VECTOR'],
  ['a path for an image', { near: { vector: 'letters', image: './q.png' } }, 403, 'LOCAL_PATH_REFUSED'],
  [
    'a path beside a text in one leg',
    { near: [{ vector: 'letters', text: 'a', audio: './q.wav' }] },
    403,
    'LOCAL_PATH_REFUSED',
  ],
  ['a missing record as the example', { near: { vector: 'mine', id: 'none' } }, 404, 'RECORD_NOT_FOUND'],
];

for (const [what, payload, status, code] of REFUSED) {
  t.test(`a query with ${what} is refused with ${code}`, async (t) => {
    const { app } = await servingFilms(t);
    const answer = await app.inject({ method: 'POST', url: `${FILMS}/search`, payload });
    t.equal(answer.statusCode, status, answer.body);
    t.equal(answer.json().error.code, code);
  });
}

t.test('a filter deeper than 64 levels is refused, not overrun', async (t) => {
  const { app } = await servingFilms(t);
  const depth = 5000;
  const payload = `{"text":"a","filter":${'{"$not":'.repeat(depth)}{}${'}'.repeat(depth)}}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: `${FILMS}/search`, payload, headers });
  t.equal(answer.json().error.code, 'FILTER_TOO_DEEP');
});

t.test('an unknown collection is 404 with the nearest name', async (t) => {
  const { app } = await servingFilms(t);
  const answer = await app.inject({ method: 'POST', url: '/v1/collections/film/search', payload: { text: 'a' } });
  t.equal(answer.statusCode, 404);
  t.match(answer.json().error.message, /Did you mean `films`\?/);
});

t.test('the limits of the database bound what a request may ask for', async (t) => {
  const limits = { limit: 5, window: 8, filterDepth: 2, scanRows: 1, timeoutMs: 3_600_000 };
  const { app } = await servingFilms(t, {}, limits);
  const near = { vector: 'mine', value: [1, 0, 0] };
  const deep = { $or: [{ year: 1 }, { $and: [{ year: 2 }, { id: 1 }] }] };
  for (const [payload, status, code, said] of [
    [{ near, limit: 6 }, 400, 'INVALID_QUERY', 'an integer from 1 to 5; received 6'],
    [
      { near, limit: 5, offset: 4 },
      400,
      'INVALID_QUERY',
      '`offset` and `limit` of 8 together at most; received 4 and 5',
    ],
    [{ near, limit: 5, filter: deep }, 400, 'FILTER_TOO_DEEP', 'at most 2 levels; received 3 levels'],
    [
      { near, limit: 5, filter: { 'extra.a': { $exists: false } } },
      400,
      'SCAN_TOO_LARGE',
      'at most 1 records; received more',
    ],
    [{ text: 'a', limit: 5 }, 400, 'SCAN_TOO_LARGE', 'at most 1 vectors; received 2 vectors'],
  ] as const) {
    const answer = await app.inject({ method: 'POST', url: `${FILMS}/search`, payload });
    t.equal(answer.statusCode, status, answer.body);
    const { error } = answer.json();
    t.equal(error.code, code);
    t.ok(error.message.includes(said), error.message);
  }
  const answer = await app.inject({ method: 'POST', url: `${FILMS}/search`, payload: { near, limit: 5, offset: 3 } });
  t.equal(answer.statusCode, 200);
});
