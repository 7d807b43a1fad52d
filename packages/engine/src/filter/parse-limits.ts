import { NearfieldError } from '../errors/index.js';
import { describePlace, invalidFilter, type Place } from './filter-error.js';

/** How deep `$and`, `$or`, `$not` may nest, and how deep an array or object operand may. */
export const MAX_DEPTH = 64;

/** How many values one list, or vertices one polygon, may have. */
export const MAX_LIST_LENGTH = 65_536;

/** How many conditions and operands a whole filter may have: shared objects could otherwise unfold without end. */
export const MAX_VALUES = 131_072;

/** Keeps a parse bounded: in depth, in size, and on cyclic input. */
export class ParseLimits {
  readonly #ancestors: object[] = [];
  #values = 0;

  /** Runs `parse` one level deeper, inside `container`. */
  within<Result>(container: object, place: Place, parse: () => Result): Result {
    if (this.#ancestors.includes(container)) {
      throw invalidFilter(place, 'the filter contains itself', 'a finite tree', container);
    }
    if (this.#ancestors.length > MAX_DEPTH) {
      throw new NearfieldError('FILTER_TOO_DEEP', `${describePlace(place)}: the filter is nested too deep`, {
        ...place,
        expected: `at most ${MAX_DEPTH} levels`,
      });
    }
    this.#ancestors.push(container);
    const result = parse();
    this.#ancestors.pop();
    return result;
  }

  /** Counts one condition or operand. */
  count(place: Place): void {
    if (++this.#values <= MAX_VALUES) return;
    throw invalidFilter(
      place,
      'the filter is too large',
      `at most ${MAX_VALUES} conditions and values`,
      'more',
      'Split the filter over several queries.',
    );
  }

  /** Refuses what is not an array, or is longer than a list may be. */
  list(operand: unknown, place: Place): readonly unknown[] {
    if (!Array.isArray(operand)) throw invalidFilter(place, 'the operand is not a list', 'an array', operand);
    if (operand.length > MAX_LIST_LENGTH) {
      throw invalidFilter(
        place,
        'the list is too long',
        `at most ${MAX_LIST_LENGTH} values`,
        operand,
        'Split the list over several queries, or filter by a field that groups these values.',
      );
    }
    return operand;
  }
}
