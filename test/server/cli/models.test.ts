import t from 'tap';
import { folderOf, nearfield } from './command-line.js';

t.test('models lists the encoders with size, licence and state within 80 columns', async (t) => {
  const folder = await folderOf(t, {});
  const { code, out, err } = await nearfield(folder, ['models'], '', { NEARFIELD_CACHE: folder });
  t.equal(code, 0, err);
  t.match(out, /^encoder +takes +dimensions +size +licence +state\n/);
  t.match(out, /\ntext:use-lite +text +512 +[\d.]+ MB +Apache-2\.0 +installed\n/, 'not converted in that cache folder');
  t.match(out, /\nbow:<language> +text +sparse +- +MIT +built-in\n/);
  for (const line of out.split('\n\n')[0].split('\n')) t.ok(line.length <= 80, line);
});

t.test('--json gives the models as objects', async (t) => {
  const folder = await folderOf(t, {});
  const { out } = await nearfield(folder, ['models', '--json'], '', { NEARFIELD_CACHE: folder });
  const { models } = JSON.parse(out);
  const useLite = models.find(({ name }: { name: string }) => name === 'text:use-lite');
  t.match(useLite, {
    accepts: ['text'],
    output: { kind: 'dense', dimensions: 512, metric: 'cosine' },
    state: 'installed',
  });
  t.ok(useLite.bytes > 1e7);
});

t.test('what was downloaded from a hub is listed by its repository', async (t) => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const folder = await folderOf(t, {
    [`nearfield/models/hub/some-org--tiny-bert/${commit}/files/onnx/model.onnx`]: 'x'.repeat(1500),
    [`nearfield/models/hub/some-org--tiny-bert/${commit}/files/config.json`]: '{}',
    'nearfield/models/hub/some-org--tiny-bert/refs/main': commit,
  });
  const { out, err } = await nearfield(folder, ['models'], '', { NEARFIELD_CACHE: folder });
  t.match(out, /\nsome-org\/tiny-bert +1\.5 KB +0123456789ab\n/, err);
  const json = JSON.parse((await nearfield(folder, ['models', '--json'], '', { NEARFIELD_CACHE: folder })).out);
  t.strictSame(json.downloaded, [{ repository: 'some-org/tiny-bert', commit, bytes: 1502 }]);
});
