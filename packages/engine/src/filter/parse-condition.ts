import { NearfieldError, suggestion } from '../errors/index.js';
import { complement, conjunction, disjunction, NONE } from './combine.js';
import { clauseKeys, describePlace, invalidFilter, shorten, type Place } from './filter-error.js';
import type { CompareNode, EqualsNode, Filter, Scalar, Target } from './filter-node.js';
import { parsePoint } from './geo-point.js';
import { listOf } from './merge-conditions.js';
import { FIELD_OPERATORS, isFieldOperator, isLogicalOperator, OPERATORS_BY_TYPE } from './operators.js';
import type { FieldOperator } from './operators.js';
import { parseJson } from './parse-json.js';
import type { ParseLimits } from './parse-limits.js';
import { parseScalar } from './parse-scalar.js';
import { isPlainObject } from '../schema/plain-object.js';
import { parseRegion } from './region.js';

/** Parses what a filter says of one target: a plain value, or an object of operators. */
export function parseCondition(condition: unknown, target: Target, limits: ParseLimits, path: string): Filter {
  limits.count({ field: path });
  if (isPlainObject(condition)) return parseOperators(condition, target, limits, path);
  return parseOperator('$eq', condition, target, limits, path);
}

function parseOperators(input: Record<string, unknown>, target: Target, limits: ParseLimits, path: string): Filter {
  const keys = clauseKeys(input, { field: path });
  if (keys.length === 0) throw invalidFilter({ field: path }, 'no operator', 'at least one operator', input);
  const plain = keys.find((key) => !key.startsWith('$'));
  if (plain !== undefined) throw refusePlainKey(plain, input, target, path);
  return conjunction(keys.map((key) => parseOperator(key, input[key], target, limits, path)));
}

function parseOperator(key: string, operand: unknown, target: Target, limits: ParseLimits, path: string): Filter {
  const place: Place = { field: path, operator: key };
  const operator = knownOperator(key, operand, target, place);
  switch (operator) {
    case '$eq':
      return equality(operand, target, limits, place);
    case '$ne':
      return complement(equality(operand, target, limits, place));
    case '$in':
    case '$any':
      return membership(operand, target, limits, place);
    case '$nin':
    case '$none':
      return complement(membership(operand, target, limits, place));
    case '$all':
      return inclusion(operand, target, limits, place);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return comparison(operator, operand, target, place);
    case '$exists':
      return existence(operand, target, place);
    case '$contains':
      return containment(operand, target, limits, place);
    case '$within':
      return Object.freeze({ kind: 'within', target, region: parseRegion(operand, limits, place) });
    case '$not':
      return negation(operand, target, limits, place);
    default:
      throw unreachable(operator);
  }
}

function equality(operand: unknown, target: Target, limits: ParseLimits, place: Place): Filter {
  if (target.type === 'geo') return equals(parsePoint(operand, place), target, 'whole');
  if (target.type === 'json') return oneOf([operand], target, 'either', limits, place);
  if (target.type === 'keyword[]' && Array.isArray(operand)) {
    const words = Array.from(limits.list(operand, place), (word) => {
      limits.count(place);
      return parseScalar(word, 'keyword', place);
    });
    return equals(Object.freeze(words), target, 'whole');
  }
  return oneOf([operand], target, 'element', limits, place);
}

function membership(operand: unknown, target: Target, limits: ParseLimits, place: Place): Filter {
  const scope = place.operator === '$in' || place.operator === '$nin' ? 'either' : 'element';
  return oneOf(limits.list(operand, place), target, scope, limits, place);
}

/** `$all`: each listed value is an element, which is a conjunction of memberships. */
function inclusion(operand: unknown, target: Target, limits: ParseLimits, place: Place): Filter {
  const list = limits.list(operand, place);
  if (list.length === 0) return exists(target);
  return conjunction(Array.from(list, (value) => oneOf([value], target, 'element', limits, place)));
}

/** Scalars make one `in` node; arrays and objects, which only json has, are compared deeply, each on its own. */
function oneOf(
  operands: readonly unknown[],
  target: Target,
  scope: EqualsNode['scope'],
  limits: ParseLimits,
  place: Place,
): Filter {
  const scalars = new Set<Scalar>();
  const deep: Filter[] = [];
  for (const operand of operands) {
    if (target.type === 'json' && typeof operand === 'object' && operand !== null && !(operand instanceof Date)) {
      deep.push(equals(parseJson(operand, limits, place), target, scope));
    } else {
      limits.count(place);
      scalars.add(parseScalar(operand, target.type, place));
    }
  }
  const shallow: Filter = scalars.size === 0 ? NONE : listOf(target, [...scalars]);
  return disjunction([shallow, ...deep]);
}

function comparison(operator: '$gt' | '$gte' | '$lt' | '$lte', operand: unknown, target: Target, place: Place): Filter {
  const name = operator.slice(1) as CompareNode['operator'];
  return Object.freeze({ kind: 'compare', target, operator: name, value: parseScalar(operand, target.type, place) });
}

function existence(operand: unknown, target: Target, place: Place): Filter {
  if (typeof operand !== 'boolean') throw invalidFilter(place, 'wrong operand', 'true or false', operand);
  return operand ? exists(target) : complement(exists(target));
}

function containment(operand: unknown, target: Target, limits: ParseLimits, place: Place): Filter {
  if (target.type === 'keyword[]') return oneOf([operand], target, 'element', limits, place);
  const value = target.type === 'json' ? parseJson(operand, limits, place) : parseScalar(operand, target.type, place);
  return Object.freeze({ kind: 'contains', target, value });
}

function negation(operand: unknown, target: Target, limits: ParseLimits, place: Place): Filter {
  const path = place.field ?? target.field;
  if (!isPlainObject(operand)) {
    throw invalidFilter(place, 'wrong operand', 'an object of operators', operand, 'To exclude a value, use $ne.');
  }
  return limits.within(operand, place, () => complement(parseOperators(operand, target, limits, path)));
}

function exists(target: Target): Filter {
  return Object.freeze({ kind: 'exists', target });
}

function equals(value: EqualsNode['value'], target: Target, scope: EqualsNode['scope']): Filter {
  return Object.freeze({ kind: 'equals', target, scope, value });
}

function knownOperator(key: string, operand: unknown, target: Target, place: Place): FieldOperator {
  if (isLogicalOperator(key) && key !== '$not') {
    const remedy = `Write { ${key}: [{ field: … }, …] } in the place of the field.`;
    throw invalidFilter(place, `${key} combines filters, not operators of a field`, 'operators', operand, remedy);
  }
  if (!isFieldOperator(key)) {
    const where = describePlace({ field: place.field });
    const remedy = suggestion(key, FIELD_OPERATORS);
    throw new NearfieldError('UNKNOWN_OPERATOR', `${where}: no operator ${shorten(key)}`, { ...place, remedy });
  }
  const allowed = OPERATORS_BY_TYPE[target.type];
  if (allowed.includes(key)) return key;
  const what = `a field of type ${target.type} does not take ${key}`;
  throw invalidFilter(place, what, `one of ${allowed.join(', ')}`, operand, `Use one of ${allowed.join(', ')}.`);
}

function refusePlainKey(key: string, input: Record<string, unknown>, target: Target, path: string): NearfieldError {
  if (isFieldOperator(`$${key}`)) {
    return new NearfieldError('UNKNOWN_OPERATOR', `${describePlace({ field: path })}: no operator ${key}`, {
      field: path,
      operator: key,
      remedy: `Did you mean \`$${key}\`?`,
    });
  }
  const remedy =
    target.type === 'json'
      ? `Use the path \`${shorten(path)}.${shorten(key)}\`, or $eq to compare with a whole object.`
      : target.type === 'geo'
        ? 'Use $within for a region, and [longitude, latitude] for a point.'
        : undefined;
  return invalidFilter({ field: path }, `\`${shorten(key)}\` is not an operator`, 'only operators', input, remedy);
}

function unreachable(operator: never): Error {
  return new Error(`Unknown operator ${String(operator)}`);
}
