import { NearfieldError, suggestion } from '../errors/index.js';
import type { FieldTypes } from '../schema/field-type.js';
import { ALL, complement, conjunction, disjunction } from './combine.js';
import { clauseKeys, invalidFilter, shorten, type Place } from './filter-error.js';
import type { Filter } from './filter-node.js';
import { isFieldOperator, isLogicalOperator, LOGICAL_OPERATORS, type LogicalOperator } from './operators.js';
import { normalise } from './normalise.js';
import { parseCondition } from './parse-condition.js';
import { ParseLimits } from './parse-limits.js';
import { parseTarget } from './parse-target.js';
import { isPlainObject } from '../schema/plain-object.js';

/**
 * Validates a filter and brings it into its canonical form, frozen: equivalent spellings give deep-equal results.
 * `undefined` and `{}` are every record.
 *
 * @throws NearfieldError INVALID_FILTER (also for a filter that contains itself, for lists over 65 536 values and for
 *   more than 131 072 conditions and values in all), UNKNOWN_OPERATOR, FILTER_TOO_DEEP (over 64 levels).
 */
export function parseFilter(input: unknown, fields: FieldTypes): Filter {
  return input === undefined ? ALL : normalise(parseClauses(input, fields, new ParseLimits(), {}));
}

function parseClauses(input: unknown, fields: FieldTypes, limits: ParseLimits, place: Place): Filter {
  limits.count(place);
  if (!isPlainObject(input)) throw invalidFilter(place, 'not a filter', 'a plain object', input);
  return limits.within(input, place, () =>
    conjunction(
      clauseKeys(input, place).map((key) =>
        key.startsWith('$')
          ? parseLogical(key, input[key], fields, limits)
          : parseCondition(input[key], parseTarget(key, fields), limits, key),
      ),
    ),
  );
}

function parseLogical(key: string, operand: unknown, fields: FieldTypes, limits: ParseLimits): Filter {
  const place: Place = { operator: key };
  const operator = knownOperator(key, operand, place);
  if (operator === '$not') return complement(parseClauses(operand, fields, limits, place));
  const list = limits.list(operand, place);
  if (list.length === 0) {
    throw invalidFilter(place, 'an empty list of filters', 'at least one filter', operand, `Leave ${key} out.`);
  }
  const children = Array.from(list, (child) => parseClauses(child, fields, limits, place));
  return operator === '$and' ? conjunction(children) : disjunction(children);
}

function knownOperator(key: string, operand: unknown, place: Place): LogicalOperator {
  if (isLogicalOperator(key)) return key;
  if (isFieldOperator(key)) {
    const remedy = `Write { field: { ${key}: … } }.`;
    throw invalidFilter(place, `${key} needs a field`, LOGICAL_OPERATORS.join(', '), operand, remedy);
  }
  throw new NearfieldError('UNKNOWN_OPERATOR', `Filter: no operator ${shorten(key)}`, {
    ...place,
    remedy: suggestion(key, LOGICAL_OPERATORS),
  });
}
