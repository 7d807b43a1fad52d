import t from 'tap';
import { readEmbedding, type Reading } from '@nearfield/encoders/internals/models/hf-media/reading';

const count = (length: number): Float32Array => Float32Array.from({ length }, (_, at) => at);
const read = (pooling: Reading['pooling'], shape: number[], skip?: number): number[] | undefined => {
  const length = shape.reduce((product, side) => product * side, 1);
  const embedding = readEmbedding({ output: 'x', pooling, skip }, { shape, data: count(length) }, 1);
  return embedding && [...embedding];
};

t.test('an embedding is read from outputs of every rank', (t) => {
  t.same(read('row', [2, 3]), [3, 4, 5]);
  t.same(read('row', [2, 3, 1, 1]), [3, 4, 5]);
  t.same(read('first', [2, 3, 2]), [6, 7]);
  t.same(read('mean', [2, 3, 2]), [8, 9]);
  t.same(read('mean', [2, 3, 2], 1), [9, 10]);
  t.same(read('mean', [2, 2, 1, 3]), [7, 10]);
  t.end();
});

t.test('an output of another rank is none', (t) => {
  t.equal(read('row', [2, 3, 2]), undefined);
  t.equal(read('first', [2, 3]), undefined);
  t.equal(read('mean', [2, 3]), undefined);
  t.end();
});
