// Random records of every field type and random valid filters over them, reproducible from a seed. Values come from
// small pools, so that equality hits and conditions pass between none and all of the records.
import type { FieldTypes } from '@nearfield/engine/internals/schema/field-type';

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** The fields that the random records and filters use; the keys `loose`, `counts` and `tags` stay undeclared. */
export const RANDOM_FIELDS = {
  title: 'text',
  studio: 'keyword',
  genres: 'keyword[]',
  year: 'integer',
  rating: 'float',
  seen: 'boolean',
  released: 'datetime',
  place: 'geo',
  extra: 'json',
  poster: 'image',
  clip: 'audio',
} as const satisfies FieldTypes;

/** Mulberry32 (T. Ettinger, 2017). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const WORDS = ['drama', 'comedy', 'noir', 'Fox', 'fox', 'été', '映画', '🎬', '', 'a.b'] as const;
const TITLES = ['the night fox', 'a comedy of errors', 'Drama', 'été noir', '映画 🎬', ''] as const;
const YEARS = [1990, 1991, 1992, 1993, 1994, 0, -5] as const;
const RATINGS = [-1.5, 0, 0.1, 2, 3.25, 1e9] as const;
const SCALARS = ['drama', 'noir', '1', 1, 2, 3.5, true, false, ''] as const;
const LONGITUDES = [-180, -179.5, -170, -90, -10, 0, 10.25, 60, 120, 179, 180] as const;
const LATITUDES = [-90, -89, -45, -10, 0, 10.5, 45, 80, 90] as const;

// The smallest picture (one pixel of PNG) and sound (two samples of WAV) that decode.
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const SOUND = Buffer.from('UklGRigAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQQAAAAAAAAA', 'base64');

/** A record without an id: each field is there about three times in four, and sometimes null. */
export function randomRecord(random: Random): Record<string, unknown> {
  const makers: Record<string, () => unknown> = {
    title: () => pick(random, TITLES),
    studio: () => pick(random, WORDS),
    genres: () => several(random, 4, () => pick(random, WORDS)),
    year: () => pick(random, YEARS),
    rating: () => pick(random, RATINGS),
    seen: () => random() < 0.5,
    released: () => randomDate(random),
    place: () => randomPoint(random),
    extra: () => randomJson(random),
    poster: () => PIXEL,
    clip: () => SOUND,
    loose: () => pick(random, SCALARS),
    counts: () => several(random, 3, () => pick(random, [1, 2, 3, 4])),
    tags: () => several(random, 3, () => ({ name: pick(random, WORDS), at: randomPoint(random) })),
  };
  const record: Record<string, unknown> = {};
  for (const [name, make] of Object.entries(makers)) {
    const chance = random();
    if (chance < 0.78) record[name] = make();
    else if (chance < 0.84) record[name] = null;
  }
  return record;
}

function randomJson(random: Random): unknown {
  return {
    a: pick(random, [
      { b: pick(random, SCALARS), c: several(random, 3, () => pick(random, SCALARS)) },
      several(random, 3, () => ({ b: pick(random, SCALARS) })),
      pick(random, SCALARS),
    ]),
    list: several(random, 3, () => pick(random, [1, 2, 'noir', [1, 2], { x: 1, y: [2] }])),
    at: pick(random, [randomPoint(random), [randomPoint(random), randomPoint(random)], 'nowhere', null]),
  };
}

/** A valid filter, nested up to three deep. */
export function randomFilter(random: Random, depth = 3): Record<string, unknown> {
  const chance = random();
  if (depth > 0 && chance < 0.15) return { $and: atLeastOne(random, 3, () => randomFilter(random, depth - 1)) };
  if (depth > 0 && chance < 0.35) return { $or: atLeastOne(random, 3, () => randomFilter(random, depth - 1)) };
  if (depth > 0 && chance < 0.45) return { $not: randomFilter(random, depth - 1) };
  if (chance < 0.46) return {};
  const filter = Object.assign({}, ...atLeastOne(random, 2, () => randomClause(random))) as Record<string, unknown>;
  if (depth > 0 && random() < 0.1) filter.$not = randomFilter(random, depth - 1);
  return filter;
}

type ConditionMaker = (random: Random) => unknown;

const CONDITIONS: Readonly<Record<string, ConditionMaker>> = {
  title: ofStrings(TITLES, ['fox', 'of', 'é', 'o', '映', '🎬', 'Night']),
  studio: ofStrings(WORDS, ['o', 'ox', 'dram', '.', '']),
  genres: (random) =>
    random() < 0.15
      ? pick(
          random,
          ['$eq', '$ne'].map((name) => ({ [name]: several(random, 2, () => pick(random, WORDS)) })),
        )
      : ofStrings(WORDS, WORDS)(random),
  year: ofNumbers([...YEARS, 1991.5]),
  rating: ofNumbers(RATINGS),
  seen: (random) => equality(random, () => random() < 0.5),
  released: (random) => ordered(random, () => datetimeOperand(random)),
  place: (random) => (random() < 0.2 ? pointEquality(random) : { $within: randomRegion(random) }),
  poster: () => ({ $exists: true }),
  clip: () => ({ $exists: false }),
  extra: existence,
  'extra.a': ofJson,
  'extra.a.b': ofJson,
  'extra.a.c': ofJson,
  'extra.list': ofDeepJson,
  'extra.at': (random) => (random() < 0.2 ? existence(random) : { $within: randomRegion(random) }),
  'extra.none.here': ofJson,
  loose: ofJson,
  counts: ofNumbers([0, 1, 2, 3, 4, 5]),
  tags: existence,
  'tags.name': ofStrings(WORDS, WORDS),
  'tags.at': (random) => ({ $within: randomRegion(random) }),
  absent: ofJson,
};

function randomClause(random: Random): Record<string, unknown> {
  const path = pick(random, Object.keys(CONDITIONS));
  const condition = random() < 0.08 ? existence(random) : CONDITIONS[path]!(random);
  // Only operators can be negated in place; what has none is a plain value.
  const negatable = typeof condition === 'object' && condition !== null && Object.keys(condition)[0]?.startsWith('$');
  return { [path]: negatable && random() < 0.12 ? { $not: condition } : condition };
}

function existence(random: Random): unknown {
  return { $exists: random() < 0.5 };
}

function equality(random: Random, value: () => unknown): unknown {
  const list = () => several(random, random() < 0.1 ? 12 : 3, value);
  const form = pick(random, ['plain', '$eq', '$ne', '$in', '$nin']);
  if (form === 'plain') return value();
  return { [form]: form.endsWith('in') ? list() : value() };
}

function ordered(random: Random, value: () => unknown): unknown {
  const list = () => several(random, 3, value);
  const chance = random();
  if (chance < 0.35) return equality(random, value);
  if (chance < 0.5) return { [pick(random, ['$any', '$all', '$none'])]: list() };
  if (chance < 0.7) return { [pick(random, ['$gt', '$gte'])]: value(), [pick(random, ['$lt', '$lte'])]: value() };
  return { [pick(random, ['$gt', '$gte', '$lt', '$lte'])]: value() };
}

function ofStrings(values: readonly string[], parts: readonly string[]): ConditionMaker {
  return (random) =>
    random() < 0.2 ? { $contains: pick(random, parts) } : ordered(random, () => pick(random, values));
}

function ofNumbers(values: readonly number[]): ConditionMaker {
  return (random) => ordered(random, () => pick(random, values));
}

function ofJson(random: Random): unknown {
  return random() < 0.15 ? { $contains: pick(random, SCALARS) } : ordered(random, () => pick(random, SCALARS));
}

function ofDeepJson(random: Random): unknown {
  const value = () => pick(random, [1, 'noir', [1, 2], [], { y: [2], x: 1 }, [1, [1, 2]], [[1, 2]], { x: 1 }]);
  const operator = pick(random, ['$eq', '$ne', '$contains', '$in', '$nin', '$any', '$all', '$none']);
  return { [operator]: ['$eq', '$ne', '$contains'].includes(operator) ? value() : several(random, 3, value) };
}

function pointEquality(random: Random): unknown {
  const point = randomPoint(random);
  return pick(random, [point, { $eq: point }, { $ne: point }]);
}

/** Days of 2020, at one of five times of day. */
function randomDate(random: Random): Date {
  return new Date(Date.UTC(2020, 0, 1 + Math.floor(random() * 60), pick(random, [0, 6, 12, 22, 23])));
}

/** The same instants in the forms that callers use: Date, a date alone, text in UTC or with an offset. */
function datetimeOperand(random: Random): Date | string {
  const date = randomDate(random);
  const text = date.toISOString();
  const earlier = new Date(date.getTime() - 2 * 3_600_000).toISOString();
  return pick(random, [date, text.slice(0, 10), text, text.replace('.000', ''), earlier.replace('.000Z', '-02:00')]);
}

/** Half from pools (poles, antimeridian, boundaries of boxes), half anywhere. */
function randomPoint(random: Random): [number, number] {
  return random() < 0.5
    ? [pick(random, LONGITUDES), pick(random, LATITUDES)]
    : [random() * 360 - 180, (Math.asin(random() * 2 - 1) * 180) / Math.PI];
}

export function randomRegion(random: Random): unknown {
  const chance = random();
  if (chance < 0.4) {
    const south = pick(random, LATITUDES.slice(0, -1));
    const north = pick(
      random,
      LATITUDES.filter((latitude) => latitude >= south),
    );
    // About half of these have west > east and cross the antimeridian.
    return { box: [pick(random, LONGITUDES), south, pick(random, LONGITUDES), north] };
  }
  // An irrational radius, so that no distance between two pool points is a matter of rounding.
  if (chance < 0.7) return { center: randomPoint(random), radius: random() ** 2 * 20_100_000 };
  return { polygon: randomPolygon(random) };
}

/** A star around a centre, up to 150 degrees wide; over the antimeridian where the centre is near it. */
function randomPolygon(random: Random): [number, number][] {
  const [longitude, latitude] = [random() * 360 - 180, random() * 100 - 50];
  const corners = 3 + Math.floor(random() * 6);
  const ring = Array.from({ length: corners }, (_, at): [number, number] => {
    const angle = ((at + random() * 0.9) / corners) * 2 * Math.PI;
    const reach = 5 + random() * 70;
    const y = latitude + reach * Math.sin(angle);
    return [wrap(longitude + reach * Math.cos(angle)), Math.max(-89.9, Math.min(89.9, y))];
  });
  return random() < 0.5 ? ring : [...ring, [...ring[0]!]];
}

function wrap(longitude: number): number {
  return longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)]!;
}

function several<Value>(random: Random, most: number, make: () => Value): Value[] {
  return Array.from({ length: Math.floor(random() * (most + 1)) }, make);
}

function atLeastOne<Value>(random: Random, most: number, make: () => Value): Value[] {
  return Array.from({ length: 1 + Math.floor(random() * most) }, make);
}
