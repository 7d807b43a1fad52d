import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HnswIndex, USUAL_TIMES, bytesOfCode, drawLevels, possibleTimes, type MachineTimes } from '../indexes/index.js';
import { QUANTIZATIONS, type Quantization } from '../schema/index.js';
import { VectorBlocks, VectorsByKey } from '../store/index.js';
import { undisturbed } from './timing.js';

/** Vectors of few dimensions, and of many: both together tell what a vector takes, and what its bytes. */
const COUNT = 2048;
const NARROW = 16;
const WIDE = 512;
const M = 16;
/** One vector in so many is listed, and one in so many matches while a walk stays inside a bitmap. */
const LISTED = 8;
const SPARSE = 32;
/** A single look-up is too short to be timed. */
const LOOKUPS = 32;
const EFFORT = 64;
const QUERIES = 16;
/** Each step is repeated for so long, in milliseconds, and so many times at least; as long before, so that it is compiled. */
const STEP_MS = 0.5;
const REPETITIONS = 6;
/** Rows that quantization is calibrated on. */
const CODED_ROWS = 32;
/** Rows of a file, and those of them that are read by their keys at a time. */
const STORED_ROWS = 256;
const STORED_KEYS = 64;

/** A walk, what it took in microseconds, and what it did in that time. */
interface TimedWalk {
  readonly micros: number;
  readonly computed: number;
  readonly hops: number;
}

type Indexes = Readonly<Record<Quantization, HnswIndex>>;

/**
 * What the elementary steps take on this machine, `handOver` aside, over some megabytes of vectors and a graph that are made for it:
 * a tenth of a second of this thread, in which it may be held up now and then.
 */
export function measureMachine(handOver: number): MachineTimes {
  const first = smallGraph();
  const [narrow, wide] = [indexesLike(first, NARROW), indexesLike(first, WIDE)];
  // The shortest steps come last, when what they share with others has been compiled.
  const [walks, reads] = [walkTimes(narrow, wide), fileTimes()];
  const measured = { ...walks, ...reads, ...scanTimes(narrow.none, wide.none), ...lookupTimes(narrow.none), handOver };
  return possibleTimes(measured, USUAL_TIMES);
}

function smallGraph(): HnswIndex {
  const shape = {
    dimensions: NARROW,
    metric: 'euclidean',
    quantization: 'none',
    m: M,
    efConstruction: M,
    walkers: 1,
  } as const;
  const index = HnswIndex.started(shape, drawLevels(COUNT, M, 0));
  const random = numbers();
  const rows = index.vectorRows(0, COUNT);
  for (let at = 0; at < rows.length; at++) rows[at] = random() - 0.5;
  while (index.insert(0, COUNT) > 0);
  index.seal();
  return index;
}

/** Indexes of each quantization whose vectors are those of `first`, repeated: so they lie alike, and its graph is theirs. */
function indexesLike(first: HnswIndex, dimensions: number): Indexes {
  const rows = new Float32Array(COUNT * dimensions);
  const given = first.vectorRows(0, COUNT);
  for (let at = 0; at < rows.length; at += NARROW) {
    const node = Math.floor(at / dimensions);
    rows.set(given.subarray(node * NARROW, (node + 1) * NARROW), at);
  }
  const made = QUANTIZATIONS.map((quantization) => {
    const index = HnswIndex.create({ ...first.header, dimensions, quantization, walkers: 1 });
    index.vectorRows(0, COUNT).set(rows);
    index.adoptGraph(first.graph);
    if (quantization !== 'none') {
      index.calibrate(rows.subarray(0, CODED_ROWS * dimensions));
      index.encodeRows(0, rows);
    }
    return [quantization, index] as const;
  });
  return Object.fromEntries(made) as unknown as Indexes;
}

function scanTimes(
  narrow: HnswIndex,
  wide: HnswIndex,
): Pick<MachineTimes, 'scannedByte' | 'listedVector' | 'listedByte' | 'passedVector'> {
  const scannedByte = time(() => scan(wide, {})) / (COUNT * WIDE * 4);
  const [few, many] = [narrow, wide].map((index) => {
    // The factor is odd and the count a power of two, so that each comes once.
    const nodes = Uint32Array.from({ length: COUNT / LISTED }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 0) % COUNT);
    return time(() => scan(index, { nodes })) / nodes.length;
  });
  const listedByte = (many - few) / (4 * (WIDE - NARROW));
  const none = new Uint32Array(COUNT / 32);
  const passedVector = time(() => scan(narrow, { bitmap: none })) / COUNT;
  return { scannedByte, listedVector: few - listedByte * 4 * NARROW, listedByte, passedVector };
}

function scan(index: HnswIndex, which: { bitmap?: Uint32Array; nodes?: Uint32Array }): void {
  index.scan(queryOf(index), { limit: 10, walker: 0, ...which });
}

function walkTimes(narrow: Indexes, wide: Indexes): Pick<MachineTimes, 'distance' | 'distanceByte' | 'hop'> {
  const inside = walked(narrow.none, everyNth(SPARSE));
  const hop = hopTime(walked(narrow.none), inside);
  const distance: Record<string, number> = {};
  const distanceByte: Record<string, number> = {};
  for (const quantization of QUANTIZATIONS) {
    const [few, many] = [narrow, wide].map((of) => {
      const { micros, computed, hops } = walked(of[quantization]);
      return Math.max(0, micros - hops * hop) / computed;
    });
    const bytes = bytesOfCode(WIDE, quantization) - bytesOfCode(NARROW, quantization);
    distanceByte[quantization] = (many - few) / bytes;
    distance[quantization] = few - distanceByte[quantization] * bytesOfCode(NARROW, quantization);
  }
  return { distance, distanceByte, hop } as Pick<MachineTimes, 'distance' | 'distanceByte' | 'hop'>;
}

function walked(index: HnswIndex, bitmap?: Uint32Array): TimedWalk {
  const options = { ef: EFFORT, limit: 1, walker: 0, bitmap, inside: bitmap !== undefined };
  let [computed, hops] = [0, 0];
  for (let i = 0; i < QUERIES; i++) {
    const walk = index.search(queryOf(index, i), options);
    computed += walk.computed / QUERIES;
    hops += walk.hops / QUERIES;
  }
  return { micros: time((i) => index.search(queryOf(index, i), options)), computed, hops };
}

/**
 * The time of a hop, from a walk that follows few links for each distance and one, inside a bitmap of few, that follows many.
 */
function hopTime(few: TimedWalk, many: TimedWalk): number {
  const determinant = few.computed * many.hops - many.computed * few.hops;
  const hop = (few.computed * many.micros - many.computed * few.micros) / determinant;
  // A machine that is busy may have held up one of the two.
  const distance = few.micros / few.computed;
  return Math.min(4 * distance, Math.max(distance / 8, hop));
}

function lookupTimes(index: HnswIndex): Pick<MachineTimes, 'bitmapRow' | 'lookedUpRow'> {
  const [some, none] = [everyNth(LISTED), everyNth(COUNT)].map((bitmap) => {
    const lookUp = () => {
      for (let i = 0; i < LOOKUPS; i++) index.nodesOf(bitmap);
    };
    return time(lookUp) / LOOKUPS;
  });
  return { bitmapRow: none / COUNT, lookedUpRow: (some - none) / (COUNT / LISTED) };
}

/** Reads from a temporary file, which the system has in memory as it has most of a database. */
function fileTimes(): Pick<MachineTimes, 'fileByte' | 'fileVector'> {
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-'));
  try {
    const path = join(folder, 'vectors');
    writeVectors(path);
    const sql = new Database(path, { readonly: true });
    const [blocks, byKey] = [new VectorBlocks(sql, 0, WIDE), new VectorsByKey(sql, 0, WIDE)];
    const keys = Array.from({ length: STORED_KEYS }, (_, i) => 1 + i * (STORED_ROWS / STORED_KEYS));
    const fileByte = time(() => [...blocks.read(1, STORED_ROWS)]) / (STORED_ROWS * WIDE * 4);
    const fileVector = time(() => byKey.read(keys)) / STORED_KEYS;
    sql.close();
    return { fileByte, fileVector };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeVectors(path: string): void {
  const sql = new Database(path);
  sql.pragma('page_size = 16384');
  sql.pragma('synchronous = OFF');
  sql.exec('CREATE TABLE nf_dense_0 (key INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT');
  const insert = sql.prepare('INSERT INTO nf_dense_0 (vector) VALUES (?)');
  const vector = Buffer.alloc(WIDE * 4);
  sql.transaction(() => {
    for (let row = 0; row < STORED_ROWS; row++) insert.run(vector);
  })();
  sql.close();
}

function everyNth(n: number): Uint32Array {
  const words = new Uint32Array(COUNT / 32);
  for (let row = 0; row < COUNT; row += n) words[row >>> 5] |= 1 << (row & 31);
  return words;
}

/** One of some queries: a walk that is repeated at once would find all that it reads near at hand. */
function queryOf(index: HnswIndex, i = 0): Float32Array {
  return index.vectorRows(1 + (i % QUERIES), 1);
}

/** Microseconds that some work takes. */
function time(work: (i: number) => unknown): number {
  const begun = performance.now();
  let i = 0;
  while (performance.now() - begun < STEP_MS) work(i++);
  const times: number[] = [];
  while (times.length < REPETITIONS || performance.now() - begun < 2 * STEP_MS) {
    const started = performance.now();
    work(i++);
    times.push((performance.now() - started) * 1000);
  }
  return undisturbed(times);
}

/** Numbers from 0 to 1, each time the same (a linear congruential generator: Press and others, Numerical Recipes, 2007). */
function numbers(): () => number {
  let state = 1;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
