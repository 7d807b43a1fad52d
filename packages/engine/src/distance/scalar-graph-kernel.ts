import { GRAPH_KIND, GRAPH_MEMBERS, WALKER_MEMBERS, type GraphKernel } from './graph-kernel.js';
import { readStruct, type GraphStruct, type Scored } from './scalar-graph.js';
import { scalarInsert } from './scalar-insert.js';
import { offer, scalarKernel } from './scalar-kernel.js';
import {
  beginScalarWalk,
  beginScalarWalkInside,
  resumeScalarWalk,
  resumeScalarWalkInside,
  type Walking,
} from './scalar-walk.js';

/**
 * The scalar twin of the SIMD kernel for graphs: the same contract in plain TypeScript. Arrays that are sorted at every step
 * stand for heaps, and distances are in double precision, rounded once.
 */
export function scalarGraphKernel(memory: WebAssembly.Memory): GraphKernel {
  const views = {
    u8: new Uint8Array(memory.buffer),
    i8: new Int8Array(memory.buffer),
    i16: new Int16Array(memory.buffer),
    u32: new Uint32Array(memory.buffer),
    i32: new Int32Array(memory.buffer),
    f32: new Float32Array(memory.buffer),
  };
  const exact = scalarKernel(memory);
  const score = (euclidean: number, query: number, row: number, lanes: number) =>
    Math.fround(euclidean !== 0 ? -exact.squaredEuclidean(query, row, lanes) : exact.dot(query, row, lanes));

  return {
    ...scalarWalks(views, exact),
    fastestQueryCode: () => 32_767,
    validateGraph: (graphAt, blocks) => validate(views.u32, readStruct(views.u32, graphAt, GRAPH_MEMBERS), blocks),
    rescoreNodes(graphAt, euclidean, query, _owners, nodes, scores, count) {
      const { vectors, lanes } = readStruct(views.u32, graphAt, GRAPH_MEMBERS);
      for (let i = 0; i < count; i++) {
        const row = vectors + views.u32[nodes / 4 + i] * lanes * 16;
        views.f32[scores / 4 + i] = score(euclidean, query, row, lanes);
      }
    },
    scanNodes(graphAt, euclidean, query, owners, bitmap, rows, first, end, heap) {
      const { vectors, lanes } = readStruct(views.u32, graphAt, GRAPH_MEMBERS);
      for (let node = first; node < end; node++) {
        if (!isAllowed(views.u32, owners, bitmap, rows, node)) continue;
        const value = score(euclidean, query, vectors + node * lanes * 16, lanes);
        offer(views.u32, views.f32, heap >>> 2, value, node);
      }
    },
    scanListed(graphAt, euclidean, query, nodes, count, heap) {
      const { vectors, lanes } = readStruct(views.u32, graphAt, GRAPH_MEMBERS);
      for (const node of views.u32.subarray(nodes / 4, nodes / 4 + count)) {
        offer(views.u32, views.f32, heap >>> 2, score(euclidean, query, vectors + node * lanes * 16, lanes), node);
      }
    },
    normalizeRows(rows, count, lanes) {
      for (let row = 0; row < count; row++) {
        const at = rows / 4 + row * lanes * 4;
        const values = views.f32.subarray(at, at + lanes * 4);
        const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
        if (length > 0) for (const [i, value] of values.entries()) values[i] = value * (1 / length);
      }
    },
    ...scalarCoding(views),
    codeInt8Query: scalarQueryCoding(views),
    insert: scalarInsert(memory),
  };
}

/** The twins of the walks. */
function scalarWalks(
  views: Views,
  exact: ReturnType<typeof scalarKernel>,
): Pick<GraphKernel, 'walk' | 'walkInside' | 'resumeWalk' | 'resumeWalkInside'> {
  const paused = new Map<number, Walking>();
  const member = (walkerAt: number, name: (typeof WALKER_MEMBERS)[number]) =>
    walkerAt / 4 + WALKER_MEMBERS.indexOf(name);
  const walkOf = (graphAt: number, walkerAt: number, ef: number, owners: number, bitmap: number, rows: number) => {
    const graph = readStruct(views.u32, graphAt, GRAPH_MEMBERS);
    const walker = readStruct(views.u32, walkerAt, WALKER_MEMBERS);
    const around = owners === 0 && bitmap === 0 ? undefined : walker;
    const budget = () => views.u32[member(walkerAt, 'budget')];
    const pause = () => views.u32[member(walkerAt, 'pause')];
    const distanceTo = (node: number) => distanceOf(views, exact, graph, walkerAt, node);
    const allowed = (node: number) => isAllowed(views.u32, owners, bitmap, rows, node);
    return { u32: views.u32, graph, ef, budget, pause, distanceTo, allowed, around };
  };
  const leave = (graphAt: number, walkerAt: number, walking: Walking | undefined): number => {
    paused.delete(walkerAt);
    if (walking?.paused === true) paused.set(walkerAt, walking);
    views.u32[member(walkerAt, 'paused')] = Number(walking?.paused ?? false);
    views.u32[member(walkerAt, 'computed')] = walking?.computed ?? 0;
    views.u32[member(walkerAt, 'hops')] = walking?.hops ?? 0;
    views.u32[member(walkerAt, 'tested')] = walking?.tested ?? 0;
    views.u32[member(walkerAt, 'matched')] = walking?.matched ?? 0;
    return leaveResults(graphAt, walkerAt, walking?.results ?? []);
  };
  const leaveResults = (graphAt: number, walkerAt: number, found: readonly Scored[]): number => {
    const graph = readStruct(views.u32, graphAt, GRAPH_MEMBERS);
    const { results } = readStruct(views.u32, walkerAt, WALKER_MEMBERS);
    for (const [i, { node, distance }] of found.entries()) {
      views.u32[results / 4 + 2 * i] = node;
      views.i32[results / 4 + 2 * i + 1] = isInteger(graph) ? distance : orderedBits(distance);
    }
    return found.length;
  };

  return {
    walk: (graphAt, walkerAt, ...rest) => {
      const walking = beginScalarWalk(walkOf(graphAt, walkerAt, ...rest));
      if (walking !== undefined) resumeScalarWalk(walking);
      return leave(graphAt, walkerAt, walking);
    },
    resumeWalk: (graphAt, walkerAt) => {
      const walking = paused.get(walkerAt)!;
      resumeScalarWalk(walking);
      return leave(graphAt, walkerAt, walking);
    },
    walkInside: (graphAt, walkerAt, ef, owners, bitmap, rows, enough, starts) => {
      const walking = beginScalarWalkInside(walkOf(graphAt, walkerAt, ef, owners, bitmap, rows), starts);
      if (walking !== undefined) resumeScalarWalkInside(walking, enough);
      return leave(graphAt, walkerAt, walking);
    },
    resumeWalkInside: (graphAt, walkerAt, _owners, _bitmap, _rows, enough) => {
      const walking = paused.get(walkerAt)!;
      resumeScalarWalkInside(walking, enough);
      return leave(graphAt, walkerAt, walking);
    },
  };
}

/** The twins of the functions that write codes. */
function scalarCoding(views: Views): Pick<GraphKernel, 'encodeInt8' | 'encodeBinary'> {
  return {
    encodeInt8(rows, count, lanes, codes, codeStride, groups, middles, scales, withNorm) {
      const { f32, i8 } = views;
      for (let row = 0; row < count; row++) {
        let norm = 0;
        for (let d = 0; d < groups * 8; d++) {
          const scale = f32[scales / 4 + d];
          const offset = Math.fround(f32[rows / 4 + row * lanes * 4 + d] - f32[middles / 4 + d]);
          const step = roundHalfEven(Math.fround(offset / scale));
          const code = scale === 0 || Number.isNaN(step) ? 0 : Math.max(-128, Math.min(127, step));
          i8[codes + row * codeStride + d] = code;
          norm += (code * scale) ** 2;
        }
        if (withNorm !== 0) f32[(codes + row * codeStride + groups * 8) / 4] = norm;
      }
    },
    encodeBinary(rows, count, lanes, codes, codeStride, means) {
      const { f32, u8 } = views;
      for (let row = 0; row < count; row++) {
        u8.fill(0, codes + row * codeStride, codes + (row + 1) * codeStride);
        for (let d = 0; d < lanes * 4; d++) {
          const isAbove = f32[rows / 4 + row * lanes * 4 + d] > f32[means / 4 + d];
          if (isAbove) u8[codes + row * codeStride + (d >>> 3)] |= 1 << (d & 7);
        }
      }
    },
  };
}

/** See assembly/hnsw/code-query.ts. */
function scalarQueryCoding({ i16, u32, f32 }: Views): GraphKernel['codeInt8Query'] {
  return (walkerAt, lanes, middles, scales, euclidean) => {
    const { query, codeQuery } = readStruct(u32, walkerAt, WALKER_MEMBERS);
    const numbers = (at: number) => Array.from(f32.subarray(at / 4, at / 4 + lanes * 4));
    const [values, centre, steps] = [numbers(query), numbers(middles), numbers(scales)];
    const factors = values.map((value, d) => (euclidean !== 0 ? value - centre[d] : value));
    const products = factors.map((factor, d) => factor * steps[d]);
    const magnitudes = products.map(Math.abs);
    const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);
    const largest = Math.max(...magnitudes);
    const room = (2 ** 31 - 1) / 128 - values.length;
    const codesPerUnit = largest === 0 ? 1 : Math.min(32_767 / largest, room / sum(magnitudes));
    for (const [d, product] of products.entries()) i16[codeQuery / 2 + d] = roundHalfEven(product * codesPerUnit);
    f32[walkerAt / 4 + WALKER_MEMBERS.indexOf('productScale')] = 1 / codesPerUnit;
    f32[walkerAt / 4 + WALKER_MEMBERS.indexOf('constant')] = sum(
      factors.map((factor, d) => factor * (euclidean !== 0 ? factor : centre[d])),
    );
  };
}

interface Views {
  u8: Uint8Array;
  i8: Int8Array;
  i16: Int16Array;
  u32: Uint32Array;
  i32: Int32Array;
  f32: Float32Array;
}

function isInteger(graph: GraphStruct): boolean {
  return graph.kind === GRAPH_KIND.int8Dot || graph.kind === GRAPH_KIND.binary;
}

function distanceOf(
  views: Views,
  exact: ReturnType<typeof scalarKernel>,
  graph: GraphStruct,
  walkerAt: number,
  node: number,
): number {
  const { query, codeQuery } = readStruct(views.u32, walkerAt, WALKER_MEMBERS);
  const row = graph.vectors + node * graph.lanes * 16;
  const code = graph.codes + node * graph.codeStride;
  const product = () => {
    let sum = 0;
    for (let d = 0; d < graph.codeGroups * 8; d++) sum += views.i8[code + d] * views.i16[codeQuery / 2 + d];
    return sum;
  };
  switch (graph.kind) {
    case GRAPH_KIND.f32Dot:
      return Math.fround(-exact.dot(query, row, graph.lanes));
    case GRAPH_KIND.f32Euclidean:
      return Math.fround(exact.squaredEuclidean(query, row, graph.lanes));
    case GRAPH_KIND.int8Dot:
      return -product();
    case GRAPH_KIND.int8Euclidean: {
      const scale = views.f32[walkerAt / 4 + WALKER_MEMBERS.indexOf('productScale')];
      const products = Math.fround(Math.fround(-2 * scale) * Math.fround(product()));
      return Math.fround(views.f32[code / 4 + graph.codeGroups * 2] + products);
    }
    default: {
      let bits = 0;
      for (let byte = 0; byte < graph.codeGroups * 16; byte++) {
        for (let rest = views.u8[code + byte] ^ views.u8[codeQuery + byte]; rest !== 0; rest &= rest - 1) bits++;
      }
      return bits;
    }
  }
}

function isAllowed(u32: Uint32Array, owners: number, bitmap: number, rows: number, node: number): boolean {
  const place = owners === 0 ? node : u32[owners / 4 + node];
  if (owners !== 0 && place >= rows) return false;
  return bitmap === 0 || ((u32[bitmap / 4 + (place >>> 5)] >>> (place & 31)) & 1) === 1;
}

function validate(u32: Uint32Array, graph: GraphStruct, blocks: number): number {
  const { count, m, entry, maxLevel } = graph;
  const offsets = u32.subarray(graph.offsets / 4, graph.offsets / 4 + count + 1);
  const levelOf = (node: number) => offsets[node + 1] - offsets[node];
  const isSound = (links: number, room: number, right: (node: number) => boolean) =>
    u32[links] <= room && u32.subarray(links + 1, links + 1 + u32[links]).every((node) => node < count && right(node));
  if (maxLevel > 63 || entry >= count) return 4;
  for (const [node, offset] of offsets.entries()) {
    if (offset > blocks || (node < count && !(levelOf(node) >= 0 && levelOf(node) <= maxLevel))) return 1;
  }
  if (offsets[0] !== 0 || offsets[count] !== blocks) return 1;
  if (levelOf(entry) !== maxLevel) return 4;
  for (let node = 0; node < count; node++) {
    if (!isSound(graph.links / 4 + node * (2 * m + 1), 2 * m, () => true)) return 2;
  }
  for (let node = 0; node < count; node++) {
    for (let level = 1; level <= levelOf(node); level++) {
      const links = graph.upper / 4 + (offsets[node] + level - 1) * (m + 1);
      if (!isSound(links, m, (other) => levelOf(other) >= level)) return 3;
    }
  }
  return 0;
}

const bitsOf = new DataView(new ArrayBuffer(4));

/** The i32 that orders as the f32 does. */
function orderedBits(distance: number): number {
  bitsOf.setFloat32(0, distance);
  const bits = bitsOf.getInt32(0);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
