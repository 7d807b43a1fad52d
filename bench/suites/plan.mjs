// What is measured: the time of searching one segment by each strategy, forced, and by the one that the plan chooses, at a grid
//   of sizes, match rates and dimensions; the time of the chosen one over that of the fastest that reaches the recall that is
//   asked for (.95). Medians of the time that the segment takes, from `analyze`, so that neither the evaluation of the filter nor the
//   hand-over counts. Writes a plot of the ratios to docs/images/plan-choice.svg.
// Data: beginnings of glove (100 dimensions) and glosses (512), with columns that are spread evenly.
// Run: npm run bench -- plan. Indexes are built once (minutes) and kept in bench/.cache.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { open } from '@nearfield/engine';
import { loadVectors } from '../data/data-set.mjs';
import { permutation, uniform } from '../data/random.mjs';
import { engineOf } from '../adapters/engines.mjs';
import { builtIndex } from '../measure/built-index.mjs';
import { median, shown } from '../measure/spread.mjs';
import { K, TARGET, dataSets, repetitions } from '../settings.mjs';

export const description =
  'the strategy that a plan chooses against the best one, over sizes, match rates and dimensions';

const STRATEGIES = ['scan', 'scan-matching', 'walk', 'walk-inside'];
const PER_MILLE = [900, 500, 200, 100, 50, 20, 10, 1];
const QUERIES = 24;

export async function run() {
  const rows = [];
  for (const [name, size] of await dataSets(['glove', 'glosses'], [10_000, 100_000, 340_000])) {
    rows.push(...(await measureSet(await loadVectors(name, size))));
  }
  const ratios = rows.map((row) => row['chosen / best']);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
  mkdirSync(images, { recursive: true });
  writeFileSync(`${images}plan-choice.svg`, plot(rows, mean));
  const all = { cells: rows.length, 'mean of chosen / best': shown(mean), most: Math.max(...ratios) };
  return { 'each cell': rows, 'all cells': [all] };
}

async function measureSet(vectors) {
  const order = permutation(vectors.rows, uniform(11));
  const set = { ...vectors, column: Int32Array.from(order, (place) => place % 1000) };
  const { options } = await builtIndex(engineOf('nearfield none'), set);
  const db = await open(options.path, { recallChecks: false });
  const rows = await db.collection('rows');
  const cells = [];
  for (const perMille of PER_MILLE) cells.push(await measureCell(rows, set, perMille));
  await db.close();
  return cells;
}

async function measureCell(rows, set, perMille) {
  const filter = { tag: { $lt: perMille } };
  const times = new Map(STRATEGIES.map((strategy) => [strategy, []]));
  const recalls = new Map(STRATEGIES.map((strategy) => [strategy, []]));
  let chosen;
  for (let repetition = 0; repetition < repetitions(2); repetition++) {
    for (const value of set.queries.slice(0, QUERIES)) {
      const query = { near: { vector: 'v', value }, filter, limit: K, select: [] };
      chosen = (await rows.explain(query)).legs[0].segments[0].step.kind;
      for (const strategy of STRATEGIES) {
        const { recall, legs } = await rows.analyze({ ...query, strategy });
        times.get(strategy).push(legs[0].segments[0].micros);
        recalls.get(strategy).push(recall);
      }
    }
  }
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  // A little below the target counts, as the mean of so few queries is uncertain.
  const good = STRATEGIES.filter((strategy) => mean(recalls.get(strategy)) >= TARGET - 0.02);
  const best = good.reduce((a, b) => (median(times.get(b)) < median(times.get(a)) ? b : a));
  const row = { set: set.name, rows: set.rows, dimensions: set.dimensions, 'match %': perMille / 10, chosen, best };
  for (const strategy of STRATEGIES) row[`${strategy} µs`] = shown(median(times.get(strategy)));
  row['recall of chosen'] = shown(mean(recalls.get(chosen)));
  row['chosen / best'] = Math.max(1, shown(median(times.get(chosen)) / median(times.get(best))));
  return row;
}

/** The ratio of each cell over the match rate, a line for each data set and size. */
function plot(rows, mean) {
  const [width, height, left, bottom, top] = [680, 320, 56, 48, 32];
  const colours = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b'];
  const most = Math.max(2, ...rows.map((row) => row['chosen / best']));
  const x = (percent) => left + ((Math.log10(percent) + 1) / 3) * (width - left - 210);
  const y = (ratio) => height - bottom - ((ratio - 1) / (most - 1)) * (height - bottom - top);
  const text = (at, down, words, anchor = 'middle') =>
    `<text x="${at}" y="${down}" text-anchor="${anchor}" font-size="12" font-family="sans-serif">${words}</text>`;
  const groups = new Map();
  for (const row of rows) {
    const name = `${row.set} ${row.dimensions}-d, ${row.rows} rows`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const lines = [...groups].map(([name, cells], i) => {
    const points = cells.map((cell) => `${x(cell['match %']).toFixed(1)},${y(cell['chosen / best']).toFixed(1)}`);
    const line = `<polyline points="${points.join(' ')}" fill="none" stroke="${colours[i % colours.length]}" stroke-width="2"/>`;
    const down = top + 16 * (i + 1);
    const key = `<rect x="${width - 204}" y="${down - 9}" width="10" height="10" fill="${colours[i % colours.length]}"/>`;
    return line + key + text(width - 190, down, name, 'start');
  });
  const ticks = [0.1, 1, 10, 100].map((percent) => text(x(percent), height - bottom + 18, `${percent} %`));
  const marks = [1, (1 + most) / 2, most].map((ratio) => text(left - 8, y(ratio) + 4, ratio.toFixed(2), 'end'));
  const axes = `<path d="M${left} ${top}V${height - bottom}H${width - 210}" fill="none" stroke="#444"/>`;
  const title = text((width - 154) / 2, 18, `Time of the chosen strategy over the best, mean ${mean.toFixed(2)}`);
  const under = text((left + width - 210) / 2, height - 10, 'records that match');
  const body = [title, axes, ...marks, ...ticks, under, ...lines].join('\n  ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">\n  <rect width="100%" height="100%" fill="white"/>\n  ${body}\n</svg>\n`;
}
