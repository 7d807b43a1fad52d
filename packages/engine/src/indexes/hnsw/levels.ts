/** No graph in one memory needs more; the kernel's validation allows 63. */
const HIGHEST_LEVEL = 32;

/**
 * The highest level of each of `count` new nodes, drawn from the geometric distribution that leaves 1 node of m on each next
 * level (Malkov and Yashunin, 2018, section 4.1). The same `seed` (a 32-bit integer) gives the same levels.
 */
export function drawLevels(count: number, m: number, seed: number): Uint8Array {
  const levels = new Uint8Array(count);
  let state = seed >>> 0;
  for (let node = 0; node < count; node++) {
    // splitmix32: a full-period counter, mixed.
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    const share = (((mixed ^ (mixed >>> 15)) >>> 0) + 1) / 4_294_967_296;
    levels[node] = Math.min(HIGHEST_LEVEL, Math.floor(-Math.log(share) / Math.log(Math.max(2, m))));
  }
  return levels;
}
