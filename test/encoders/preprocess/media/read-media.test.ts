import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { NearfieldError } from '@nearfield/engine';
import {
  atPosition,
  mediaName,
  mediaPath,
  readMedia,
  unreadable,
} from '@nearfield/encoders/internals/preprocess/media/read-media';

t.test('paths, file: URLs and bytes give the same bytes', async (t) => {
  const path = join(t.testdir({ 'a#b?.txt': 'content' }), 'a#b?.txt');
  for (const source of [path, pathToFileURL(path), pathToFileURL(path).href, Buffer.from('content')]) {
    t.equal(Buffer.from(await readMedia('sound', source, 7)).toString(), 'content');
  }
});

t.test('more bytes than the limit are refused, in a file before it is read', async (t) => {
  const path = join(t.testdir({ file: 'content' }), 'file');
  for (const source of [path, Buffer.from('content')]) {
    await t.rejects(readMedia('sound', source, 6), {
      code: 'UNREADABLE_MEDIA',
      message: /Cannot read the sound .*too large; expected at most 6 bytes; received 7 bytes/,
    });
  }
});

t.test('what is neither a path, a URL nor bytes is refused', async (t) => {
  await t.rejects(readMedia('image', 7 as never, 10), { code: 'INVALID_INPUT', message: /received/ });
});

t.test('a path may look like a drive, and a URL of another kind is no path', async (t) => {
  t.equal(mediaPath('image', 'C:\\pictures\\a.png'), 'C:\\pictures\\a.png');
  t.equal(mediaPath('image', 'data:2026/a.png'), 'data:2026/a.png');
  for (const source of ['http://host/a.png', 'HTTPS://host/a.png', new URL('data:image/png;base64,AA')]) {
    t.throws(() => mediaPath('image', source), { code: 'UNREADABLE_MEDIA', message: /not a local file/ });
  }
});

t.test('a path that cannot be one is refused like a missing file', async (t) => {
  await t.rejects(readMedia('image', 'a\0b.png', 10), { code: 'UNREADABLE_MEDIA' });
  await t.rejects(readMedia('image', '', 10), { code: 'UNREADABLE_MEDIA' });
});

t.test('an error keeps its message and gets a position', async (t) => {
  const error = unreadable('image', 'a.png', 'it is odd', { expected: 'an even one', remedy: 'Try another.' });
  const located = atPosition(error, 3);
  t.type(located, NearfieldError);
  t.equal(located.message, 'Cannot read the image a.png: it is odd; expected an even one. Try another.');
  t.same(located.details, { expected: 'an even one', remedy: 'Try another.', record: 3 });
  t.equal(mediaName(new Uint8Array(5)), 'of 5 bytes');
});
