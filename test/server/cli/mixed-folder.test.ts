import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { folderOf, nearfield } from './command-line.js';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));
const SKIP = ['--on-error', 'skip', '--json'];

/** Drawings and spoken names of the examples, and a text. */
async function media(t: Test, more: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await folderOf(t, {
    'media/notes/stars.md': '# The night sky\n\nAstronomers study stars.\n',
    ...more,
  });
  await mkdir(join(folder, 'media/deep'), { recursive: true });
  for (const name of ['cat', 'apple', 'umbrella']) {
    await copyFile(join(EXAMPLES, 'drawings', `${name}.svg`), join(folder, 'media', `red_${name}.SVG`));
    await copyFile(join(EXAMPLES, 'clips/stored', `${name}.opus`), join(folder, 'media/deep', `${name}.opus`));
  }
  return folder;
}

async function found(folder: string, ...args: string[]) {
  const { out, err } = await nearfield(folder, ['search', 'db.nf', 'all', ...args, '--json']);
  return out === '' ? err : JSON.parse(out);
}

t.test('texts, images and sounds of a folder become records that are found each in its way', async (t) => {
  const folder = await media(t, { 'media/data.bin': new Uint8Array([1, 0, 2]) });
  const { code, out, err } = await nearfield(folder, ['ingest', 'db.nf', 'all', 'media', '--json']);
  t.equal(code, 0, err);
  t.match(JSON.parse(out), { records: 7, skipped: 0, passedOver: 1, unplaced: 0 });

  const [drawing] = (await found(folder, '--image', join(EXAMPLES, 'drawings/apple.svg'))).hits;
  t.match(drawing, { id: 'red_apple.SVG', scores: { look: { rank: 1 } } });
  t.match(drawing.record, { title: 'red apple', kind: 'image', image: join(folder, 'media/red_apple.SVG') });
  const [clip] = (await found(folder, '--audio', join(EXAMPLES, 'clips/asked/umbrella.opus'))).hits;
  t.match(clip, { id: 'deep/umbrella.opus', record: { kind: 'audio' }, scores: { sound: { rank: 1 } } });
  t.equal((await found(folder, 'astronomy')).hits[0].id, 'notes/stars.md');

  const together = await found(
    folder,
    'cat',
    '--image',
    join(EXAMPLES, 'drawings/cat.svg'),
    '--filter',
    '{"kind":"image"}',
  );
  t.strictSame(Object.keys(together.hits[0].scores).sort(), ['look', 'meaning', 'words']);
  t.equal(together.hits[0].id, 'red_cat.SVG');
  t.equal(together.info.matches, 3);
});

const HTML = '<!doctype html><title>404 Not Found</title>';
const BROKEN: Readonly<Record<string, string | Uint8Array>> = {
  'media/a page.png': HTML,
  'media/empty.jpg': '',
  'media/deep/a page.mp3': HTML,
  'media/deep/empty.wav': '',
  'media/deep/noise.flac': Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 31) % 251),
  'media/noise.webp': Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 17) % 251),
  'media/notes/latin.txt': Uint8Array.of(0x63, 0x61, 0x66, 0xe9),
};

t.test('broken files are named with the reason, and the others go in', async (t) => {
  const cut = (await readFile(join(EXAMPLES, 'drawings/cat.svg'))).subarray(0, 200);
  const broken = { ...BROKEN, 'media/cut.svg': cut };
  const folder = await media(t, broken);
  const { code, out, err } = await nearfield(folder, ['ingest', 'db.nf', 'all', 'media', ...SKIP]);
  t.equal(code, 1, 'not everything went in');
  const { records, skipped, failures } = JSON.parse(out);
  t.equal(records, 7);
  t.equal(skipped, Object.keys(broken).length);
  const files = failures.map(({ file }: { file: string }) => file);
  t.strictSame(files.sort(), Object.keys(broken).sort());
  for (const { file, code, message } of failures) {
    t.equal(code, file.endsWith('.txt') ? 'INVALID_TEXT' : 'UNREADABLE_MEDIA', file);
    t.ok(message.length > 20, message);
    t.notOk(message.includes(file), `${message} names the file again`);
  }
  const lines = err.trimEnd().split('\n');
  t.equal(lines.length, Object.keys(broken).length, 'a line each');
  for (const file of files) t.equal(err.split(file.split('/').at(-1)).length, 2, `${file} is named once`);
  t.match(err, /nearfield: media\/noise\.webp: UNREADABLE_MEDIA: Cannot be read as an image: /);
  t.equal((await found(folder, '--filter', '{}', '--limit', '100')).info.matches, 7);
});

t.test('the first broken file stops the ingestion and is named, unless it is to be skipped', async (t) => {
  const folder = await media(t, { 'media/broken.png': HTML });
  const { code, err } = await nearfield(folder, ['ingest', 'db.nf', 'all', 'media']);
  t.equal(code, 1);
  t.match(err, /^nearfield: media\/broken\.png: UNREADABLE_MEDIA: .*--on-error skip to go on without it\.\n$/);
});

t.test('images go to the field that a collection has for them, and are passed over where there is none', async (t) => {
  const schema = {
    fields: { title: 'text', poster: 'image' },
    vectors: { words: { from: ['title'], encoder: 'bow:english' } },
  };
  const folder = await media(t, { 'schema.json': JSON.stringify(schema) });
  const args = ['ingest', 'db.nf', 'all', 'media', '--schema', 'schema.json', '--json'];
  t.match(JSON.parse((await nearfield(folder, args)).out), { records: 4, unplaced: 3 });
  const { hits } = await found(folder, 'apple');
  t.equal(hits[0].record.poster, join(folder, 'media/red_apple.SVG'));
  t.match(await found(folder, '--image', 'media/red_cat.SVG'), /INVALID_QUERY: .*takes image/);
});

t.test('images that a data file names lie beside it', async (t) => {
  const schema = {
    fields: { picture: 'image' },
    vectors: { look: { from: ['picture'], encoder: 'image:mobilenet-v2' } },
  };
  const lines = '{"id":1,"picture":"red_cat.SVG"}\n{"id":2,"picture":"./red_apple.SVG"}\n';
  const folder = await media(t, { 'schema.json': JSON.stringify(schema), 'media/list.jsonl': lines });
  const args = ['ingest', 'db.nf', 'all', 'media/list.jsonl', '--schema', 'schema.json'];
  t.equal((await nearfield(folder, args)).code, 0);
  t.equal((await found(folder, '--image', 'media/red_apple.SVG')).hits[0].id, 2);
});
