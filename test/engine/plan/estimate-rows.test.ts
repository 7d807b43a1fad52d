import t from 'tap';
import { parseFilter } from '@nearfield/engine/internals/filter/index';
import { estimateRows } from '@nearfield/engine/internals/plan/index';
import { parseSchema } from '@nearfield/engine/internals/schema/index';
import { RecordTable } from '@nearfield/engine/internals/segment/index';
import { naiveMatches } from '../filter/naive-filter.js';
import { RANDOM_FIELDS, randomFilter, randomRecord, seededRandom } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 31);
const VECTORS = new Map<string, never>();

t.test(
  `estimates hold for tables with dead rows, and none is made by reading records (NEARFIELD_SEED=${SEED})`,
  async (t) => {
    const random = seededRandom(SEED);
    const schema = parseSchema({ fields: { ...RANDOM_FIELDS, studio: { type: 'keyword', index: false } } });
    const table = new RecordTable({ id: 1, name: 'rows', schema, spaces: [] });
    const model = new Map<number, Record<string, unknown>>();
    for (let key = 1; key <= 400; key++) {
      const record = Object.fromEntries(Object.entries(randomRecord(random)).filter(([, value]) => value !== null));
      table.append({ key, id: key, payload: record, vectors: VECTORS });
      model.set(key, record);
      if (key % 3 !== 0) continue;
      const dead = 1 + Math.floor(random() * key);
      table.remove({ key: dead, vectors: VECTORS });
      model.delete(dead);
    }
    t.equal(table.size, model.size);
    let narrow = 0;
    for (let at = 0; at < 600; at++) {
      const input = randomFilter(random);
      const { min, expected, max } = estimateRows(parseFilter(input, RANDOM_FIELDS), table);
      const actual = [...model.values()].filter((record) => naiveMatches(input, record, RANDOM_FIELDS)).length;
      if (max - min < model.size) narrow++;
      if (0 <= min && min <= actual && actual <= max && max <= model.size && min <= expected && expected <= max)
        continue;
      t.fail(`${min} <= ${actual} <= ${max}, expected ${expected}`, { input });
      return;
    }
    t.ok(narrow > 200, 'many bounds say something', { narrow });
  },
);

t.test('a filter of very many conditions is estimated in part, and within bounds', async (t) => {
  const table = new RecordTable({ id: 1, name: 'rows', schema: parseSchema({ fields: { n: 'integer' } }), spaces: [] });
  for (let key = 1; key <= 100; key++) table.append({ key, id: key, payload: { n: key }, vectors: VECTORS });
  const $or = Array.from({ length: 600 }, (_, i) => ({ n: { $gt: i, $lt: i + 2 }, $not: { n: { $gt: 50, $lt: 60 } } }));
  const { min, expected, max } = estimateRows(parseFilter({ $or }, { n: 'integer' }), table);
  t.ok(min <= 90 && 90 <= max && min <= expected && expected <= max, '', { min, expected, max });
});
