import t from 'tap';
import * as encoders from '@nearfield/encoders';
import { bagOfWords, encoder, registry } from '@nearfield/encoders';

t.test('the public names are these', async (t) => {
  t.same(Object.keys(encoders).sort(), [
    'bagOfWords',
    'cachedRepositories',
    'encoder',
    'hfAudio',
    'hfImage',
    'hfText',
    'httpText',
    'mobilenetV2',
    'models',
    'namesOutsideModel',
    'registry',
    'spectral',
    'speech',
    'useLite',
  ]);
});

t.test('an encoder is made by its name, with its options', async (t) => {
  const french = await encoder('bow:french', { stopWords: false });
  t.equal(french.identity.name, 'bow:french');
  t.match(french.identity.options, { stopWords: [] });
  const useLite = await encoder('text:use-lite', { threads: 1 });
  t.equal(useLite.identity.name, 'text:use-lite');
});

t.test('an unknown name is refused with the nearest known one', async (t) => {
  await t.rejects(encoder('text:use-light'), { code: 'UNKNOWN_ENCODER', message: /Did you mean `text:use-lite`/ });
  await t.rejects(registry().resolve('bow:englsh'), { code: 'UNKNOWN_ENCODER', message: /Did you mean `bow:english`/ });
  await t.rejects(encoder(7 as unknown as string), { code: 'UNKNOWN_ENCODER', message: /received|Unknown encoder 7/ });
});

t.test('an option of another encoder is refused', async (t) => {
  await t.rejects(encoder('bow:english', { threads: 2 }), { code: 'UNKNOWN_OPTION', details: { field: 'threads' } });
  await t.rejects(encoder('text:use-lite', { stem: false }), { code: 'UNKNOWN_OPTION', details: { field: 'stem' } });
});

t.test('a registry gives the same instance for a name, also to callers at the same time', async (t) => {
  const known = registry();
  const [first, second] = await Promise.all([known.resolve('text:use-lite'), known.resolve('text:use-lite')]);
  t.equal(first, second);
  t.equal(await known.resolve('text:use-lite'), first);
  t.not(await registry().resolve('text:use-lite'), first, 'another registry has its own');
});

t.test('a registry names what it resolves', async (t) => {
  const known = registry();
  t.ok(known.names().includes('text:use-lite'));
  for (const name of known.names()) t.equal((await known.resolve(name)).identity.name, name);
});

t.test('an encoder of one’s own is known by its name and closed with the registry', async (t) => {
  let closed = 0;
  const words = bagOfWords();
  const own = {
    identity: { ...words.identity, name: 'text:own' },
    accepts: words.accepts,
    output: words.output,
    encode: words.encode.bind(words),
    close: async () => void closed++,
  };
  const known = registry([own]);
  t.equal(await known.resolve('text:own'), own);
  t.ok(known.names().includes('text:own'));
  const second = registry().add(own);
  t.equal(await second.resolve('text:own'), own);
  await known.close();
  t.equal(closed, 1);
  t.throws(() => registry([{} as typeof own]), { code: 'INVALID_ARGUMENT' });
});
