import t from 'tap';
import { soundWindows } from '@nearfield/encoders/internals/models/hf-audio/sound-windows';

/** The windows of the sound 0, 1, 2, …, given in pieces of those lengths. */
async function windows(pieces: readonly number[], length: number): Promise<number[][]> {
  async function* sound(): AsyncGenerator<Float32Array> {
    let at = 0;
    for (const piece of pieces) yield Float32Array.from({ length: piece }, () => at++);
  }
  const found: number[][] = [];
  for await (const window of soundWindows(sound(), length)) found.push([...window]);
  return found;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

t.test('windows follow each other, wherever the pieces are cut', async (t) => {
  const expected = [range(0, 10), range(10, 20), range(20, 25)];
  for (const pieces of [[25], [1, 24], [10, 10, 5], [3, 3, 3, 3, 3, 3, 3, 3, 1], [19, 6]]) {
    t.same(await windows(pieces, 10), expected, pieces.join());
  }
});

t.test('a rest of up to a tenth of a window is left out unless it is all there is', async (t) => {
  t.same(await windows([21], 10), [range(0, 10), range(10, 20)]);
  t.same(await windows([22], 10), [range(0, 10), range(10, 20), [20, 21]]);
  t.same(await windows([1], 10), [[0]]);
  t.same(await windows([10], 10), [range(0, 10)]);
});
