import type { AnyRecord, CollectionSchema, Hit, SearchInfo } from '@nearfield/engine';
import { countText, millisecondsText } from './terminal/amounts.js';
import { plainText } from './terminal/plain-text.js';
import { table, type Column } from './terminal/table.js';

/** Fields that tell a person what a record is, the best first. */
const TITLE_FIELDS = ['title', 'name', 'headline', 'subject', 'label', 'lemmas', 'caption', 'question', 'text', 'path'];
const ID_COLUMNS = 24;
/** Legs whose scores stand beside the title; more of them get a line of their own under it. */
const MOST_LEG_COLUMNS = 3;

/** Hits as lines: rank, score, the score of each leg, id and title. */
export function hitLines(hits: readonly Hit[], schema: CollectionSchema, width: number, offset = 0): string[] {
  if (hits.length === 0) return [];
  const legs = [...new Set(hits.flatMap(({ scores }) => Object.keys(scores)))];
  // A query of one leg has that leg's scores: once is enough.
  const single = hits.every(({ score, scores }) => Object.values(scores).every((leg) => leg.score === score));
  const beside = !single && legs.length <= MOST_LEG_COLUMNS;
  const columns: Column[] = [
    { heading: '#', align: 'right' },
    { heading: single && legs.length === 1 ? legs[0] : 'score', align: 'right', width: 12 },
    ...(beside ? legs : []).map((leg): Column => ({ heading: leg, align: 'right', width: 12 })),
    { heading: 'id', width: ID_COLUMNS },
    { heading: 'title' },
  ];
  const title = titleField(hits, schema);
  const rows = hits.map(({ id, score, scores, record }, i) => [
    String(offset + i + 1),
    scoreText(score),
    ...(beside ? legs : []).map((leg) => scoreText(scores[leg]?.score)),
    plainText(id),
    title === undefined ? '' : plainText((record as AnyRecord | undefined)?.[title] ?? ''),
  ]);
  const lines = table(columns, rows, width);
  return legs.length <= MOST_LEG_COLUMNS ? lines : withLegLines(lines, hits);
}

/** Records without scores, for a listing by filter alone. */
export function recordLines(records: readonly AnyRecord[], schema: CollectionSchema, width: number): string[] {
  if (records.length === 0) return [];
  const title = titleField(
    records.map((record) => ({ record })),
    schema,
  );
  const rows = records.map((record, i) => [
    String(i + 1),
    plainText(record.id),
    title === undefined ? '' : plainText(record[title] ?? ''),
  ]);
  return table(
    [{ heading: '#', align: 'right' }, { heading: 'id', width: ID_COLUMNS }, { heading: 'title' }],
    rows,
    width,
  );
}

/** How many of those that match are shown. */
export function foundText(hits: number, matches: SearchInfo['matches']): string {
  if (matches === 1) return `${countText(hits)} of 1 match`;
  const all =
    typeof matches === 'number' ? countText(matches) : `${countText(matches.min)} to ${countText(matches.max)}`;
  return `${countText(hits)} of ${all} matches`;
}

/** What the search was: how many could have been hits, how exactly, how fast. */
export function infoLine({ exact, recall, matches, strategy, tookMs }: SearchInfo, hits: number): string {
  const exactness = exact ? 'exact' : `recall ${recall.toFixed(3)} expected`;
  return `${foundText(hits, matches)}, ${exactness} (${strategy}), ${millisecondsText(tookMs)}`;
}

function withLegLines(lines: readonly string[], hits: readonly Hit[]): string[] {
  const [heading, ...rows] = lines;
  return [
    heading,
    ...rows.flatMap((row, i) => {
      const legs = Object.entries(hits[i].scores).map(
        ([leg, { score, rank }]) => `${leg} ${scoreText(score)} (${rank})`,
      );
      return [row, `      ${legs.join('  ')}`];
    }),
  ];
}

/** The first of the usual fields that a record has, or the first text of the schema. */
function titleField(hits: readonly { readonly record?: AnyRecord }[], schema: CollectionSchema): string | undefined {
  const present = (name: string) => hits.some(({ record }) => record !== undefined && Object.hasOwn(record, name));
  const texts = Object.keys(schema.fields).filter((name) => schema.fields[name].type === 'text');
  return [...TITLE_FIELDS, ...texts, ...Object.keys(schema.fields)].find(present);
}

function scoreText(score: number | undefined): string {
  if (score === undefined) return '-';
  return Math.abs(score) >= 1000 ? score.toPrecision(5) : score.toFixed(3);
}
