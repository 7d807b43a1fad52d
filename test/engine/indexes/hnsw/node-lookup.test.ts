import t from 'tap';
import { NodeLookup } from '@nearfield/engine/internals/indexes/hnsw/node-lookup';
import { Bitset } from '@nearfield/engine/internals/indexes/index';

const NOBODY = 0xffffffff;

t.test('the nodes of rows are found, in runs that do not ascend, with several nodes a row and dead ones', (t) => {
  const owners = Uint32Array.of(40, 41, 41, 41, NOBODY, 90, 2, 3, 3, NOBODY, 70);
  const lookup = new NodeLookup(owners, NOBODY);
  const nodesOf = (...rows: number[]) => {
    const set = new Bitset(100);
    for (const row of rows) set.add(row);
    const nodes = new Uint32Array(owners.length);
    return Array.from(nodes.subarray(0, lookup.nodesOf(set.words(100), nodes)));
  };
  t.same(nodesOf(), []);
  t.same(nodesOf(0, 1, 42, 91, 99), []);
  t.same(nodesOf(41), [1, 2, 3]);
  t.same(nodesOf(2, 40, 70, 90), [6, 0, 10, 5]);
  t.end();
});

t.test('what was found for a lasting set stays, whatever is looked up next', (t) => {
  const lookup = new NodeLookup(Uint32Array.of(1, 0, 2, 2), NOBODY);
  const room = new Uint32Array(4);
  const nodesOf = (set: Bitset) => lookup.nodesOfLasting(set, set.words(3), room);
  const [some, others] = [new Bitset(3), new Bitset(3)];
  for (const row of [0, 2]) some.add(row);
  others.add(1);
  const found = nodesOf(some);
  t.same(Array.from(nodesOf(others)), [0]);
  t.same(Array.from(found), [1, 2, 3]);
  t.equal(nodesOf(some), found);
  t.end();
});
