import { mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { cachedModel, modelCacheFolder } from '@nearfield/encoders/internals/session/model-cache';

const content = new TextEncoder().encode('the converted model');

/** Reads through the cache and tells whether it had to build. */
async function read(folder: string): Promise<{ text: string; built: boolean }> {
  let built = false;
  const bytes = await cachedModel(folder, 'm.onnx', async () => {
    built = true;
    return content;
  });
  return { text: Buffer.from(bytes).toString(), built };
}

t.test('a model is built once and then read', async (t) => {
  const folder = join(t.testdir(), 'deep', 'folder');
  t.same(await read(folder), { text: 'the converted model', built: true });
  t.same(await read(folder), { text: 'the converted model', built: false });
  t.same((await readdir(folder)).sort(), ['m.onnx', 'm.onnx.sha256'], 'no temporary file is left');
});

const damages: Record<string, (path: string) => Promise<void>> = {
  'a changed byte': async (path) => {
    const bytes = await readFile(path);
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    await writeFile(path, bytes);
  },
  'a torn file': (path) => truncate(path, 5),
  'an empty file': (path) => truncate(path, 0),
  'a torn checksum': (path) => truncate(`${path}.sha256`, 10),
};
for (const [name, damage] of Object.entries(damages)) {
  t.test(`${name} is noticed and the model built anew`, async (t) => {
    const folder = t.testdir();
    await read(folder);
    await damage(join(folder, 'm.onnx'));
    t.same(await read(folder), { text: 'the converted model', built: true });
    t.same(await read(folder), { text: 'the converted model', built: false });
  });
}

t.test('a folder that cannot be written costs only the saving', async (t) => {
  const file = join(t.testdir({ occupied: 'a file where the folder should be' }), 'occupied');
  t.same(await read(file), { text: 'the converted model', built: true });
  t.same(await read(file), { text: 'the converted model', built: true });
  const blocked = t.testdir();
  await mkdir(join(blocked, 'm.onnx'));
  t.same(await read(blocked), { text: 'the converted model', built: true });
  t.same(await readdir(blocked), ['m.onnx'], 'a temporary file is removed when it cannot take its place');
});

t.test('an error of the build is the caller’s', async (t) => {
  const failing = cachedModel(t.testdir(), 'm.onnx', () => Promise.reject(new Error('no model')));
  await t.rejects(failing, { message: 'no model' });
});

t.test('the folder is the override, else the system’s cache folder', async (t) => {
  const end = join('nearfield', 'models');
  t.equal(modelCacheFolder({ NEARFIELD_CACHE: '/c', XDG_CACHE_HOME: '/x' }, 'linux'), join('/c', end));
  t.equal(modelCacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux'), join('/x', end));
  t.match(modelCacheFolder({}, 'linux'), join('.cache', end));
  t.match(modelCacheFolder({ XDG_CACHE_HOME: '/x' }, 'darwin'), join('Library', 'Caches', end));
  t.equal(modelCacheFolder({ LOCALAPPDATA: '/l' }, 'win32'), join('/l', end));
});
