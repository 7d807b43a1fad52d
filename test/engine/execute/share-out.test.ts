import t from 'tap';
import type { Execution } from '@nearfield/engine/internals/execute/execute-plan';
import { shareOut } from '@nearfield/engine/internals/execute/share-out';
import type { DenseSearch, SegmentsHand } from '@nearfield/engine/internals/segment/index';

/** Plans of one dense leg of `cost` microseconds each, whose segments answer with the place, as `elsewhere` says for other threads. */
function batchOf(
  count: number,
  cost: number,
  elsewhere: (searches: readonly DenseSearch[]) => Promise<SegmentsHand[]>,
  limit = 10,
) {
  const answered: [place: number, answer: number][] = [];
  const here = (search: DenseSearch) => handOf(search);
  const searchers = { threads: 3, here, elsewhere };
  const layOut = async (place: number) =>
    ({
      plan: { cost, legs: [{ limit }] },
      scope: { searchers, inlineCost: 1000, matching: 100_000 },
      searches: new Map([[0, { wanted: place } as DenseSearch]]),
    }) as unknown as Execution;
  const answer = async (place: number, _execution: Execution, hands: ReadonlyMap<number, SegmentsHand>) => {
    answered.push([place, hands.get(0)!.records[0]]);
  };
  return { batch: { count, layOut, answer }, answered };
}

function handOf({ wanted }: DenseSearch): SegmentsHand {
  return { records: Uint32Array.of(wanted), scores: Float32Array.of(1), actual: [] };
}

for (const [count, cost] of [
  [0, 100],
  [1, 100],
  [7, 100],
  [500, 100],
  [500, 1],
  [40, 5000],
]) {
  t.test(`each of ${count} searches of ${cost} microseconds gets its own answer once`, async (t) => {
    let elsewhere = 0;
    const { batch, answered } = batchOf(count, cost, async (searches) => {
      elsewhere += searches.length;
      await new Promise((resolve) => setImmediate(resolve));
      return searches.map(handOf);
    });
    await shareOut(batch);
    t.same(
      answered.toSorted(([a], [b]) => a - b),
      Array.from({ length: count }, (_, place) => [place, place]),
    );
    if (cost > 1000) t.equal(elsewhere, count, 'long searches leave this thread free');
    if (count * cost <= 1000) t.equal(elsewhere, 0, 'a short batch is not worth handing over');
    if (count === 500 && cost === 100) t.ok(elsewhere > 0 && elsewhere < count, `${elsewhere} elsewhere`);
  });
}

t.test('searches for large pages leave this thread free, however little they are expected to cost', async (t) => {
  let elsewhere = 0;
  const search = async (searches: readonly DenseSearch[]) => {
    elsewhere += searches.length;
    return searches.map(handOf);
  };
  const { batch, answered } = batchOf(4, 1, search, 50_000);
  await shareOut(batch);
  t.same([elsewhere, answered.length], [4, 4]);
});

t.test('a failure on another thread fails the batch, when the other threads are done', async (t) => {
  let running = 0;
  let calls = 0;
  const { batch } = batchOf(500, 100, async (searches) => {
    running++;
    const fails = calls++ === 0;
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (fails) throw new Error('the thread died');
    return searches.map(handOf);
  });
  await t.rejects(shareOut(batch), { message: 'the thread died' });
  t.equal(running, 0);
});

t.test('a query that cannot be laid out fails the batch', async (t) => {
  const { batch } = batchOf(500, 100, async (searches) => searches.map(handOf));
  const layOut = async (place: number) => {
    if (place === 300) throw new Error('no such vector');
    return batch.layOut(place);
  };
  await t.rejects(shareOut({ ...batch, layOut }), { message: 'no such vector' });
});
