import t from 'tap';
import { MemoryBudget, POLICY_LIMITS, VectorSegments } from '@nearfield/engine/internals/segment/index';
import { KeyColumn } from '@nearfield/engine/internals/segment/key-column';

const SPACE = { id: 1, name: 'v', kind: 'dense', dimensions: 4, metric: 'dot', encoder: undefined } as const;

function keysOf(...keys: number[]): KeyColumn {
  const column = new KeyColumn();
  for (const key of keys) column.append(key);
  return column;
}

t.test('when rows get new numbers, a search of the rows before has a view of its own', async (t) => {
  const segments = new VectorSegments(SPACE, POLICY_LIMITS.flatBytes, new MemoryBudget(Infinity));
  segments.reserve(3);
  for (const [row, key] of [10, 11, 12].entries()) segments.append(row, key, Float32Array.of(row, 0, 0, 0));
  segments.settle();
  segments.remove(0);
  const before = segments.view;
  segments.renumber(keysOf(10, 11, 12), keysOf(11, 12));
  // Or a batch would share out both as searches of one set of rows.
  t.not(segments.view, before);
  t.equal(segments.records, 2);
  t.same([...segments.view.flats[0].index.owners()], [0, 1]);
  t.same(segments.view.flats[0].orphans, [10], 'the vector of the dead record is still in the file');
});

t.test('a commit that brings no vectors is not refused when the budget is used up', async (t) => {
  const segments = new VectorSegments(SPACE, POLICY_LIMITS.flatBytes, new MemoryBudget(1));
  segments.reserve(0);
  t.throws(() => segments.reserve(1), { code: 'MEMORY_EXHAUSTED' });
});
