import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { NearfieldError } from '@nearfield/engine';
import { mediaPath, readMedia, readMediaPieces } from '@nearfield/encoders/internals/preprocess/media/read-media';

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
      message: /^Cannot read .* as sound: the file is too large; expected at most 6 bytes; received 7 bytes/,
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

t.test('pieces are the bytes of the whole, whatever the source', async (t) => {
  const bytes = Buffer.from(Uint8Array.from({ length: 600_000 }, (_, at) => at % 251));
  const path = join(t.testdir({ file: bytes, empty: '' }), 'file');
  for (const source of [path, pathToFileURL(path), bytes]) {
    const pieces: Buffer[] = [];
    for await (const piece of readMediaPieces('sound', source)) pieces.push(Buffer.from(piece));
    t.ok(Buffer.concat(pieces).equals(bytes));
    t.ok(pieces.length > 1);
  }
});

t.test('what has no bytes is refused alike in one piece and in pieces', async (t) => {
  const folder = t.testdir({ empty: '' });
  for (const source of [folder, join(folder, 'empty'), join(folder, 'none'), new Uint8Array(), 'https://host/a.mp3']) {
    const whole = await readMedia('sound', source, 10).catch((error: unknown) => error);
    t.type(whole, NearfieldError);
    const { code, message } = whole as NearfieldError;
    t.equal(code, 'UNREADABLE_MEDIA');
    await t.rejects(readMediaPieces('sound', source).next(), { code, message });
  }
});
