import { BUILDER_MEMBERS } from '../../distance/graph-kernel.js';

/** Which new node is inserted next, and where they end. */
export function readBuilder(memory: WebAssembly.Memory, at: number): { next: number; end: number } {
  const struct = new Uint32Array(memory.buffer, at, BUILDER_MEMBERS.length);
  return { next: struct[BUILDER_MEMBERS.indexOf('next')], end: struct[BUILDER_MEMBERS.indexOf('end')] };
}
