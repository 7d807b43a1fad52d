import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../data/cache-file.mjs';
import { GRAPH } from '../settings.mjs';

const BATCH = 2000;

/**
 * An index over all of `set`, finished and closed: `{ options, seconds, fileBytes }`, with the options to open it and how
 * long its building took. It is kept from run to run, and built anew when the engine has another version or the data is
 * other data.
 */
export async function builtIndex({ adapter, quantization }, set) {
  const { dimensions, metric, rows, column } = set;
  const parts = [adapter.name, quantization, set.name, rows, `m${GRAPH.m}`, `ef${GRAPH.efConstruction}`];
  if (column !== undefined) parts.push(`column-${checksumOf(column).slice(0, 8)}`);
  const folder = join(CACHE, 'indexes', parts.join('-'));
  const options = { path: join(folder, 'index'), dimensions, metric, rows, quantization, column, ...GRAPH };
  const record = join(folder, 'built.json');
  const state = { version: adapter.version, data: checksumOf(set.vectors) };
  if (!isBuilt(record, state)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    console.error(`${adapter.name} ${quantization}: building an index of ${rows} rows of ${set.name} …`);
    const seconds = await build(adapter, options, set.vectors);
    console.error(`${adapter.name} ${quantization}: built in ${seconds.toFixed(1)} s`);
    // Written last: a folder without it is of a build that was broken off.
    writeFileSync(record, JSON.stringify({ ...state, seconds }));
  }
  const { seconds } = JSON.parse(readFileSync(record, 'utf8'));
  return { options, seconds, fileBytes: bytesUnder(folder) - statSync(record).size };
}

function isBuilt(record, { version, data }) {
  if (!existsSync(record)) return false;
  const built = JSON.parse(readFileSync(record, 'utf8'));
  return built.version === version && built.data === data;
}

async function build(adapter, options, vectors) {
  const started = performance.now();
  const index = await adapter.build(options);
  for (let row = 0; row < options.rows; row += BATCH) {
    const end = Math.min(options.rows, row + BATCH);
    await index.add(vectors.subarray(row * options.dimensions, end * options.dimensions), row);
  }
  await index.finish();
  await index.close();
  return (performance.now() - started) / 1000;
}

function bytesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.path, entry.name)).size, 0);
}

const checksums = new WeakMap();

/** Computed once for each array: it is hundreds of megabytes. */
function checksumOf(vectors) {
  if (!checksums.has(vectors)) {
    const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
    checksums.set(vectors, createHash('sha256').update(bytes).digest('hex'));
  }
  return checksums.get(vectors);
}
