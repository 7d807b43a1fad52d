import t from 'tap';
import { readCsv } from '@nearfield/server/internals/cli/sources/read-csv';
import type { SourceItem } from '@nearfield/server/internals/cli/sources/source-item';

/** What a file of that content gives, in pieces of a few bytes: records, or code and line of a failure. */
async function read(content: string | Uint8Array): Promise<unknown[]> {
  const bytes = Buffer.from(content);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
  }
  const items: unknown[] = [];
  for await (const item of readCsv(pieces(), 'films.csv', { onBytes: () => undefined })) items.push(shown(item));
  return items;
}

function shown(item: SourceItem): unknown {
  if (item.kind === 'record') return [item.origin.line, item.record];
  return item.kind === 'failure' ? [item.origin.line, item.error.code] : item.kind;
}

t.test('rows become records of texts, by the names in the first one', async (t) => {
  const content = '\ufeffid, title\r\n1,"a, ""b""\nc"\r\n\r\n2,日本\r\n';
  t.strictSame(await read(content), [
    [2, { id: '1', title: 'a, "b"\nc' }],
    [5, { id: '2', title: '日本' }],
  ]);
});

t.test('an empty cell is a field that is missing', async (t) => {
  t.strictSame(await read('id,title,year\n1,,1990\n'), [[2, { id: '1', year: '1990' }]]);
});

t.test('a row of another length is named by its line, and the others are read', async (t) => {
  t.strictSame(await read('id,title\n1,a,b\n2\n3,c\n'), [
    [2, 'INVALID_RECORD'],
    [3, 'INVALID_RECORD'],
    [4, { id: '3', title: 'c' }],
  ]);
});

t.test('a quote that is not closed ends the reading', async (t) => {
  const items = (await read('id,title\n1,a\n2,"b\n3,c\n')) as [number, unknown][];
  t.strictSame(items[0], [2, { id: '1', title: 'a' }]);
  t.equal(items[1][1], 'INVALID_RECORD');
  t.equal(items.length, 2);
});

for (const [what, content, failure] of [
  ['a column without a name', 'id,,title\n1,2,3\n', [1, 'INVALID_RECORD']],
  ['two columns of one name', 'id,id\n1,2\n', [1, 'INVALID_RECORD']],
  ['bytes that are not UTF-8', Buffer.from([0x69, 0x64, 0x0a, 0xe9, 0x0a]), [undefined, 'INVALID_TEXT']],
  ['a NUL', 'id\n\0\n', [undefined, 'INVALID_TEXT']],
] as const) {
  t.test(`${what} ends the reading`, async (t) => {
    t.strictSame((await read(content)).at(-1), failure);
  });
}
