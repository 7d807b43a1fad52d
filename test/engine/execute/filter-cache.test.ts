import t from 'tap';
import { FilterCache } from '@nearfield/engine/internals/execute/filter-cache';
import { Bitset } from '@nearfield/engine/internals/indexes/index';

const entry = (rows: number, version = 1) => ({ matching: new Bitset(), rows, version });
const MEBIBYTE_ROWS = 8 << 20;

t.test('the filters that were used last are kept, up to 4 MiB', async (t) => {
  const cache = new FilterCache();
  for (const key of ['a', 'b', 'c']) cache.set(key, entry(MEBIBYTE_ROWS));
  t.ok(cache.get('a'));
  cache.set('d', entry(MEBIBYTE_ROWS));
  t.equal(cache.get('b'), undefined, 'it was used before all others');
  for (const key of ['a', 'c', 'd']) t.ok(cache.get(key), key);
});

t.test('a newer state takes the place of an older one, and its bytes', async (t) => {
  const cache = new FilterCache();
  for (let version = 0; version < 10; version++) cache.set('a', entry(MEBIBYTE_ROWS, version));
  cache.set('b', entry(MEBIBYTE_ROWS * 2));
  t.equal(cache.get('a')?.version, 9);
  t.ok(cache.get('b'));
});

t.test('what is larger than the cache, or has a very long key, is not kept and drives nothing out', async (t) => {
  const cache = new FilterCache();
  cache.set('a', entry(1000));
  cache.set('b', entry(MEBIBYTE_ROWS * 5));
  cache.set('c'.repeat(5000), entry(1000));
  t.equal(cache.get('b'), undefined);
  t.equal(cache.get('c'.repeat(5000)), undefined);
  t.ok(cache.get('a'));
});
