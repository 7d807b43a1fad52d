import { Walker } from './graph';
import { fastestQueryCode } from './products';

const LARGEST_ROW_CODE: f64 = 127;
/** Products are summed in 32 bits. */
const LARGEST_SUM: f64 = 2147483647;
/**
 * How far the square of a query's largest number may exceed the mean square for the query to be coded coarsely. Codes of 7 bits
 * and a sign add about a tenth of that ratio times the error (as a variance) that the rows' codes have. It is 3 for 512-d sentence
 * embeddings and 9 for GloVe (medians), and much more where one dimension outweighs the others.
 */
const MOST_PEAKED: f64 = 20;

/** What the query gives to each product with a row's code: two numbers of a dimension, from the query or its offset. */
@inline
function folded(factor: v128, scales: usize): v128 {
  return f64x2.mul(factor, f64x2.promote_low_f32x4(v128.load64_zero(scales)));
}

@inline
function sum2(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

/**
 * Codes the walker's query as i16, so that its product with a row's codes, times `productScale`, plus `constant` is the dot
 * product with the row (or, euclidean, the part of the squared distance that depends on the query): the affine map of each
 * dimension, x = middle + scale * code, is folded into the query, which keeps 16 bits and so adds next to no error; or, where
 * its numbers are even enough, codes up to `fastestQueryCode`. In double precision: what is folded may be tiny or huge. As
 * plain JavaScript it took a twelfth of a search of 512-d vectors.
 */
export function codeInt8Query(walker: Walker, lanes: u32, middles: usize, scales: usize, euclidean: u32): void {
  const query = walker.query;
  const end = (<usize>lanes) << 4;
  let constants = f64x2.splat(0);
  let sums = f64x2.splat(0);
  let squares = f64x2.splat(0);
  let most = f64x2.splat(0);
  for (let at: usize = 0; at < end; at += 8) {
    const values = f64x2.promote_low_f32x4(v128.load64_zero(query + at));
    const middle = f64x2.promote_low_f32x4(v128.load64_zero(middles + at));
    const factor = euclidean ? f64x2.sub(values, middle) : values;
    constants = f64x2.add(constants, f64x2.mul(factor, euclidean ? factor : middle));
    const product = folded(factor, scales + at);
    const magnitude = f64x2.abs(product);
    sums = f64x2.add(sums, magnitude);
    squares = f64x2.add(squares, f64x2.mul(product, product));
    most = f64x2.pmax(most, magnitude);
  }
  const largest = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  const dimensions = <f64>(lanes << 2);
  // The rounding of each number adds at most a half to the sum.
  const room = LARGEST_SUM / (LARGEST_ROW_CODE + 1) - dimensions;
  const isEven = largest * largest * dimensions <= MOST_PEAKED * sum2(squares);
  const largestCode = isEven ? fastestQueryCode() : <i32>i16.MAX_VALUE;
  const codesPerUnit = largest == 0 ? 1 : min(<f64>largestCode / largest, room / sum2(sums));
  const steps = f64x2.splat(codesPerUnit);
  let codes = walker.codeQuery;
  for (let at: usize = 0; at < end; at += 16, codes += 8) {
    const low = coded(query + at, middles + at, scales + at, euclidean, steps);
    const high = coded(query + at + 8, middles + at + 8, scales + at + 8, euclidean, steps);
    const words = v128.shuffle<i64>(low, high, 0, 2);
    v128.store64_lane(codes, i16x8.narrow_i32x4_s(words, words), 0);
  }
  walker.constant = <f32>sum2(constants);
  walker.productScale = <f32>(1 / codesPerUnit);
}

/** Two codes as i32, in the lower half. */
@inline
function coded(query: usize, middles: usize, scales: usize, euclidean: u32, steps: v128): v128 {
  const values = f64x2.promote_low_f32x4(v128.load64_zero(query));
  const factor = euclidean ? f64x2.sub(values, f64x2.promote_low_f32x4(v128.load64_zero(middles))) : values;
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.nearest(f64x2.mul(folded(factor, scales), steps)));
}
