import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { openRepository } from '@nearfield/encoders/internals/hub/open-repository';
import type { DownloadProgress } from '@nearfield/encoders/internals/hub/model-repository';
import { hubServer, sha256, useHub, type HubServerOptions, type HubServer, type SeenRequest } from './hub-server.js';

const weights = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 251));
const FILES = { 'config.json': '{"hidden_size":4}', 'onnx/model.onnx': weights, 'sub folder/ä.txt': 'text' };
const NAME = 'tiny/model';
type Progress = (progress: DownloadProgress) => void;
const retry = { retries: 2, baseMs: 1, maxMs: 50 };

/** A hub with one repository, and an empty cache that the test's process uses. */
async function hub(
  t: Test,
  options?: HubServerOptions & { env?: Record<string, string> },
): Promise<HubServer & { cache: string }> {
  const server = await hubServer(t, { [NAME]: FILES }, options);
  const cache = t.testdir();
  useHub(t, server.endpoint, cache, options?.env);
  return { ...server, cache };
}

const read = async (path: Promise<string>): Promise<Buffer> => readFile(await path);

for (const api of [true, false]) {
  t.test(
    `files are downloaded, verified and cached ${api ? 'from a hub' : 'from a mirror without listings'}`,
    async (t) => {
      const { seen, commit, cache } = await hub(t, { api });
      const repository = await openRepository(NAME, { retry });
      t.equal(repository.revision, commit);
      t.same(repository.files?.toSorted(), api ? Object.keys(FILES).sort() : undefined);
      t.same(await read(repository.file('onnx/model.onnx')), weights);
      t.same(await repository.json('config.json'), { hidden_size: 4 });
      t.equal((await read(repository.file('sub folder/ä.txt'))).toString(), 'text');
      t.equal(await repository.sha256('onnx/model.onnx'), sha256(weights));
      t.equal(await repository.sha256('config.json'), sha256(Buffer.from(FILES['config.json'])));
      t.ok(
        (await repository.file('onnx/model.onnx')).startsWith(
          join(cache, 'nearfield', 'models', 'hub', 'tiny--model', commit),
        ),
      );
      t.ok(await repository.has('config.json'));
      t.notOk(await repository.has('nothing.json'));
      t.equal(await repository.json('nothing.json'), undefined);
      await t.rejects(repository.file('nothing.json'), { code: 'MODEL_NOT_FOUND' });
      const before = seen.length;
      const again = await openRepository(NAME, { retry });
      await again.file('onnx/model.onnx');
      t.ok(
        seen.slice(before).every(({ host }) => host === 'hub'),
        'nothing is downloaded twice',
      );
      t.notOk(
        (await readdir(cache, { recursive: true })).some((path) => /\.(part|tmp)$/.test(path)),
        'no part is left',
      );
    },
  );
}

t.test('the checksum of a large file is known without downloading it', async (t) => {
  const { seen } = await hub(t);
  const repository = await openRepository(NAME, { retry });
  t.equal(await repository.sha256('onnx/model.onnx'), sha256(weights));
  t.equal(seen.length, 1);
});

t.test('a revision is asked for by its name and kept by its commit, and a commit is asked for once', async (t) => {
  const { seen, commit } = await hub(t);
  await openRepository(`${NAME}@refs/pr/1`, { retry });
  t.equal(seen[0]?.path, `/api/models/${NAME}/revision/refs%2Fpr%2F1?blobs=true`);
  await openRepository(`${NAME}@${commit}`, { retry });
  t.equal(seen.length, 1, 'the listing of a commit never changes');
});

t.test('progress is told in bytes of each file', async (t) => {
  await hub(t);
  const progress: DownloadProgress[] = [];
  const repository = await openRepository(NAME, { retry, onProgress: (step) => progress.push(step) });
  await repository.file('onnx/model.onnx');
  t.same(progress.at(-1), { phase: 'download', file: 'onnx/model.onnx', done: weights.length, total: weights.length });
});

/** Resolves for each number of bytes once the progress reaches it. */
function milestones(...bytes: number[]): { cuts: { after: number; received: Promise<void> }[]; onProgress: Progress } {
  let reached: (done: number) => void = () => undefined;
  let last = 0;
  const cuts = bytes.map((end) => {
    const after = end - last;
    last = end;
    const received = new Promise<void>((resolve) => {
      const earlier = reached;
      reached = (done) => {
        earlier(done);
        if (done >= end) resolve();
      };
    });
    return { after, received };
  });
  return { cuts, onProgress: ({ done }) => reached(done) };
}

t.test('a download that is cut goes on where it broke', async (t) => {
  const { cuts, onProgress } = milestones(30_000, 50_000);
  const { seen } = await hub(t, { faults: { cut: ({ host }) => (host === 'store' ? cuts.shift() : undefined) } });
  const repository = await openRepository(NAME, { retry, onProgress });
  t.same(await read(repository.file('onnx/model.onnx')), weights);
  t.same(
    seen.filter(({ host }) => host === 'store').map(({ headers }) => headers.range),
    [undefined, 'bytes=30000-', 'bytes=50000-'],
  );
});

t.test('a download that failed goes on in a later attempt', async (t) => {
  const { cuts, onProgress } = milestones(40_000);
  let broken = true;
  const { seen, cache } = await hub(t, {
    faults: { cut: ({ host }) => (host === 'store' && broken ? (cuts.shift() ?? { after: 0 }) : undefined) },
  });
  const repository = await openRepository(NAME, { retry, onProgress });
  await t.rejects(repository.file('onnx/model.onnx'), { code: 'MODEL_UNAVAILABLE' });
  t.ok((await readdir(cache, { recursive: true })).some((path) => path.endsWith('.part')));
  broken = false;
  t.same(await read(repository.file('onnx/model.onnx')), weights);
  t.equal(seen.at(-1)?.headers.range, 'bytes=40000-');
});

t.test('what an ended process left behind is taken up, and begun anew when it is wrong', async (t) => {
  for (const [left, ranges] of [
    [weights.subarray(0, 60_000), ['bytes=60000-']],
    [weights, ['bytes=100000-']],
    [Buffer.alloc(60_000), ['bytes=60000-', undefined]],
    [Buffer.alloc(200_000), ['bytes=200000-', undefined]],
  ] as const) {
    const { seen, commit } = await hub(t);
    const cache = t.testdir();
    const folder = join(cache, 'nearfield', 'models', 'hub', 'tiny--model', commit, 'files', 'onnx');
    await mkdir(folder, { recursive: true });
    // No process has this number.
    await writeFile(join(folder, `model.onnx.${hostname().replaceAll(/[^\w-]/g, '_')}.99999999.0.part`), left);
    const repository = await openRepository(NAME, { retry });
    t.same(await read(repository.file('onnx/model.onnx')), weights);
    t.same(
      seen.filter(({ host }) => host === 'store').map(({ headers }) => headers.range),
      ranges,
    );
    t.same(await readdir(folder), ['model.onnx']);
  }
});

for (const path of ['onnx/model.onnx', 'config.json']) {
  for (const api of [true, false]) {
    t.test(
      `a file that is not what the hub says is refused: ${path}, ${api ? 'listed' : 'by its headers'}`,
      async (t) => {
        const faults = { replace: (_: string, content: Buffer) => Buffer.from(content).fill(0x20, 0, 1) };
        const { cache } = await hub(t, { api, faults });
        const repository = await openRepository(NAME, { retry });
        await t.rejects(repository.file(path), { code: 'CHECKSUM_MISMATCH' });
        const kept = await readdir(cache, { recursive: true });
        t.notOk(
          kept.some((name) => name.endsWith('.part') || name.endsWith(path)),
          'nothing of it is kept',
        );
      },
    );
  }
}

t.test('a cached file that was torn or changed is downloaded anew', async (t) => {
  const { cache, commit } = await hub(t);
  const path = await (await openRepository(NAME, { retry })).file('onnx/model.onnx');
  // Another folder stands for another process, which has not verified the file yet.
  const moved = join(cache, 'moved');
  await cp(join(cache, 'nearfield'), join(moved, 'nearfield'), { recursive: true });
  const copy = path.replace(cache, moved);
  await truncate(copy, 500);
  process.env.NEARFIELD_CACHE = moved;
  const repository = await openRepository(`${NAME}@${commit}`, { retry });
  t.equal(await repository.file('onnx/model.onnx'), copy);
  t.same(await readFile(copy), weights);
});

t.test('failures that pass are repeated, as late as the server asks', async (t) => {
  const statuses: [number, Record<string, string>?][] = [[503], [429, { 'retry-after': '0' }]];
  const { seen } = await hub(t, {
    faults: { status: ({ host }) => (host === 'store' ? statuses.shift() : undefined) },
  });
  const repository = await openRepository(NAME, { retry });
  t.same(await read(repository.file('onnx/model.onnx')), weights);
  t.equal(seen.filter(({ host }) => host === 'store').length, 3);
});

t.test('failures that stay are told, and a wait beyond all patience is not waited for', async (t) => {
  let status: [number, Record<string, string>?] = [500];
  const { seen } = await hub(t, { faults: { status: ({ host }) => (host === 'store' ? status : undefined) } });
  const repository = await openRepository(NAME, { retry });
  await t.rejects(repository.file('onnx/model.onnx'), { code: 'MODEL_UNAVAILABLE', message: /500/ });
  t.equal(seen.filter(({ host }) => host === 'store').length, 3);
  status = [429, { 'retry-after': '3600' }];
  await t.rejects(repository.file('onnx/model.onnx'), { code: 'MODEL_UNAVAILABLE', message: /429/ });
  t.equal(seen.filter(({ host }) => host === 'store').length, 4);
});

t.test('a repository that is not there or not open to one is told from a hub that is out of reach', async (t) => {
  let status: [number, Record<string, string>?] | undefined;
  const { close } = await hub(t, { faults: { status: () => status } });
  await t.rejects(openRepository('tiny/other', { retry }), { code: 'MODEL_NOT_FOUND', message: /RepoNotFound/ });
  status = [401, { 'x-error-code': 'GatedRepo' }];
  await t.rejects(openRepository(NAME, { retry }), { code: 'MODEL_UNAVAILABLE', message: /GatedRepo.*HF_TOKEN/ });
  await close();
  await t.rejects(openRepository(NAME, { retry }), { code: 'MODEL_UNAVAILABLE', message: /ECONNREFUSED/ });
});

t.test('without the hub, what was downloaded before is used', async (t) => {
  const { close, commit, seen } = await hub(t);
  await (await openRepository(NAME, { retry })).file('onnx/model.onnx');
  process.env.HF_HUB_OFFLINE = '1';
  const before = seen.length;
  const offline = await openRepository(NAME, { retry });
  t.equal(offline.revision, commit);
  t.same(await read(offline.file('onnx/model.onnx')), weights);
  await t.rejects(offline.file('config.json'), { code: 'MODEL_UNAVAILABLE', message: /HF_HUB_OFFLINE/ });
  await t.rejects(openRepository('tiny/other'), { code: 'MODEL_UNAVAILABLE', message: /HF_HUB_OFFLINE/ });
  t.equal(seen.length, before, 'nobody is asked');
  process.env.HF_HUB_OFFLINE = '';
  await close();
  t.same(await read((await openRepository(NAME, { retry })).file('onnx/model.onnx')), weights);
});

t.test('the token goes to the hub, and to nobody that the hub sends to', async (t) => {
  const { seen, cache } = await hub(t, { env: { HF_TOKEN: 'hf_secret' } });
  await (await openRepository(NAME, { retry })).file('onnx/model.onnx');
  for (const { host, headers } of seen) t.equal(headers.authorization, host === 'hub' ? 'Bearer hf_secret' : undefined);
  t.ok(seen.some(({ host }) => host === 'store'));
  for (const path of await readdir(cache, { recursive: true })) {
    t.notOk((await readFile(join(cache, path)).catch(() => '')).includes('hf_secret'), `not in ${path}`);
  }
});

t.test('paths that lead out of the repository are refused', async (t) => {
  await hub(t);
  const repository = await openRepository(NAME, { retry });
  for (const path of ['../evil', 'a/../../evil', '/etc/passwd', 'a//b', './a', 'a\\..\\b', '', 'a/\0']) {
    await t.rejects(repository.file(path), { code: 'MODEL_INVALID' }, path);
    await t.rejects(repository.has(path), { code: 'MODEL_INVALID' }, path);
  }
  const folder = await openRepository(t.testdir({ 'config.json': '{}' }));
  await t.rejects(folder.file('../config.json'), { code: 'MODEL_INVALID' });
});

t.test('a hub that lists a path outside of the repository is refused', async (t) => {
  const { cache } = await hub(t, { siblings: [{ rfilename: '../../evil', size: 1 }] });
  await t.rejects(openRepository(NAME, { retry }), { code: 'MODEL_INVALID', message: /evil/ });
  t.same(await readdir(cache), []);
});

for (const api of [true, false]) {
  t.test(`a commit that is no name of a folder leads nowhere, ${api ? 'listed' : 'in a header'}`, async (t) => {
    const { cache } = await hub(t, { api, commit: '../../..' });
    const path = await (await openRepository(NAME, { retry })).file('config.json');
    t.ok(path.startsWith(join(cache, 'nearfield', 'models', 'hub', 'tiny--model')));
    t.same(await readdir(cache), ['nearfield']);
  });
}

t.test('names of repositories are checked', async (t) => {
  for (const name of ['', 'a/b/c', 'a b', 'a/..', 'org/model@', 'org/model@../x', 'https://x.y/z', '-/.']) {
    await t.rejects(openRepository(name, { retry }), { code: 'INVALID_ARGUMENT' }, name);
  }
  useHub(t, 'ftp://hub', t.testdir());
  await t.rejects(openRepository(NAME), { code: 'INVALID_ARGUMENT', details: { field: 'HF_ENDPOINT' } });
});

t.test('a folder is a repository that needs no hub', async (t) => {
  const folder = t.testdir({ 'config.json': '{"a":1}', 'broken.json': '{', onnx: { 'model.onnx': 'weights' } });
  for (const repository of [await openRepository(folder), await openRepository(NAME, { folder })]) {
    t.same(await repository.json('config.json'), { a: 1 });
    t.equal(await repository.file('onnx/model.onnx'), join(folder, 'onnx', 'model.onnx'));
    t.equal(await repository.sha256('onnx/model.onnx'), sha256(Buffer.from('weights')));
    t.ok(repository.files?.includes('onnx/model.onnx'));
    t.notOk(await repository.has('onnx'));
    await t.rejects(repository.file('none'), { code: 'MODEL_NOT_FOUND' });
    await t.rejects(repository.json('broken.json'), { code: 'MODEL_INVALID' });
  }
  await t.rejects(openRepository(join(folder, 'none')), { code: 'MODEL_NOT_FOUND' });
});

t.test('a cache that was cleared meanwhile is filled again', async (t) => {
  const { cache } = await hub(t);
  const repository = await openRepository(NAME, { retry });
  const path = await repository.file('onnx/model.onnx');
  await rm(cache, { recursive: true });
  t.equal(await repository.file('onnx/model.onnx'), path);
  t.same(await readFile(path), weights);
});

t.test('calls at the same time share one download', async (t) => {
  const { seen } = await hub(t);
  const [one, other] = await Promise.all([openRepository(NAME, { retry }), openRepository(NAME, { retry })]);
  await Promise.all([one.file('onnx/model.onnx'), other.file('onnx/model.onnx'), one.file('onnx/model.onnx')]);
  t.equal(seen.filter(({ host }) => host === 'store').length, 1);
});

t.test('a cache that cannot be written is told', async (t) => {
  const server = await hub(t);
  useHub(t, server.endpoint, join(t.testdir({ occupied: '' }), 'occupied'));
  const repository = await openRepository(NAME, { retry });
  await t.rejects(repository.file('config.json'), { code: 'STORAGE_FAILED', message: /NEARFIELD_CACHE/ });
});

t.test('processes that want a file at the same time do not disturb each other', async (t) => {
  let arrived = 0;
  let meet = (): void => undefined;
  const met = new Promise<void>((resolve) => (meet = resolve));
  const before = ({ host }: SeenRequest): Promise<void> | undefined => {
    if (host !== 'store') return undefined;
    if (++arrived === 2) meet();
    return met;
  };
  const { cache, endpoint } = await hub(t, { faults: { before } });
  const script = join(cache, 'script.mjs');
  const entry = import.meta.resolve('@nearfield/encoders/internals/hub/open-repository');
  await writeFile(
    script,
    `import { openRepository } from ${JSON.stringify(entry)};
     const repository = await openRepository('${NAME}');
     process.stdout.write(await repository.file('onnx/model.onnx'));`,
  );
  const env = { PATH: process.env.PATH, NEARFIELD_CACHE: cache, HF_ENDPOINT: endpoint };
  const run = async (): Promise<string> => (await promisify(execFile)(process.execPath, [script], { env })).stdout;
  const [one, other] = await Promise.all([run(), run()]);
  t.equal(one, other);
  t.same(await readFile(one), weights);
  t.same(await readdir(dirname(one)), ['model.onnx'], 'no part is left');
});
