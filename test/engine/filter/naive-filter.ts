// The meaning of filters, written a second time and as plainly as possible, to hold the engine's answers against. It
// reads the filter as the caller wrote it and shares no code with packages/engine/src/filter.
import type { FieldTypes } from '@nearfield/engine/internals/schema/field-type';

type Plain = Record<string, unknown>;
type Point = readonly [number, number];

/** Whether a record passes a (valid) filter. */
export function naiveMatches(input: unknown, record: Record<string, unknown>, fields: FieldTypes): boolean {
  return Object.entries((input ?? {}) as Plain).every(([key, operand]) => {
    if (key === '$and') return (operand as unknown[]).every((filter) => naiveMatches(filter, record, fields));
    if (key === '$or') return (operand as unknown[]).some((filter) => naiveMatches(filter, record, fields));
    if (key === '$not') return !naiveMatches(operand, record, fields);
    const declared = Object.hasOwn(fields, key);
    const reached = valuesAt(record, declared ? [key] : key.split('.'));
    const values = reached.filter((value) => value !== undefined && value !== null);
    const isDatetime = declared && fields[key] === 'datetime';
    return holds(operand, isDatetime ? values.map(milliseconds) : values, isDatetime);
  });
}

/** Every value that a path leads to; an array on the way is tried element by element. */
function valuesAt(value: unknown, path: string[]): unknown[] {
  const [key, ...rest] = path;
  if (key === undefined) return [value];
  const parents = Array.isArray(value) ? value.filter((element) => !Array.isArray(element)) : [value];
  return parents
    .filter((parent) => typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key))
    .flatMap((parent: Plain) => valuesAt(parent[key], rest));
}

/** Whether all that a condition says holds for the values that its path leads to. */
function holds(condition: unknown, values: unknown[], isDatetime: boolean): boolean {
  const operators = isOperators(condition) ? condition : { $eq: condition };
  return Object.entries(operators).every(([operator, given]) => {
    if (operator === '$not') return !holds(given, values, isDatetime);
    const operand = isDatetime && operator !== '$exists' ? instants(given) : given;
    return applies(operator, operand, values);
  });
}

function applies(operator: string, operand: unknown, values: unknown[]): boolean {
  const list = operand as unknown[];
  // One level of elements; a value that is not an array is its own only element.
  const elements = values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  switch (operator) {
    case '$exists':
      return values.length > 0 === operand;
    case '$eq':
      return [...values, ...elements].some((value) => same(value, operand));
    case '$ne':
      return !applies('$eq', operand, values);
    case '$in':
      return list.some((value) => applies('$eq', value, values));
    case '$nin':
      return !list.some((value) => applies('$eq', value, values));
    case '$any':
      return elements.some((element) => list.some((value) => same(element, value)));
    case '$none':
      return !elements.some((element) => list.some((value) => same(element, value)));
    case '$all':
      return values.length > 0 && list.every((value) => elements.some((element) => same(element, value)));
    case '$gt':
      return elements.some((element) => typeof element === typeof operand && (element as number) > (operand as number));
    case '$gte':
      return applies('$gt', operand, values) || elements.includes(operand);
    case '$lt':
      return elements.some((element) => typeof element === typeof operand && (element as number) < (operand as number));
    case '$lte':
      return applies('$lt', operand, values) || elements.includes(operand);
    case '$contains':
      return values.some((value) =>
        Array.isArray(value)
          ? value.some((element) => same(element, operand))
          : typeof value === 'string' && typeof operand === 'string' && value.includes(operand),
      );
    case '$within':
      return [...values, ...elements].some((value) => isPoint(value) && inRegion(value, operand as Plain));
    default:
      throw new Error(`The naive evaluator does not know ${operator}`);
  }
}

function isOperators(condition: unknown): condition is Plain {
  if (Array.isArray(condition) || condition instanceof Date) return false;
  return typeof condition === 'object' && condition !== null;
}

function milliseconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' ? Date.parse(value) : value;
}

function instants(operand: unknown): unknown {
  return Array.isArray(operand) ? operand.map(milliseconds) : milliseconds(operand);
}

/** Equality as JSON: the same text once the keys are sorted. */
function same(a: unknown, b: unknown): boolean {
  return a !== undefined && JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [`key ${key}`, sorted(inner)]);
}

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length === 2 && value.every((degrees) => typeof degrees === 'number');
}

function inRegion(point: Point, region: Plain): boolean {
  if (region.box !== undefined) return inBox(point, region.box as [number, number, number, number]);
  if (region.polygon !== undefined) return inPolygon(point, region.polygon as Point[]);
  return metres(point, region.center as Point) <= (region.radius as number);
}

function inBox([longitude, latitude]: Point, [west, south, east, north]: [number, number, number, number]): boolean {
  const eastward = (from: number, to: number) => (to < from ? to - from + 360 : to - from);
  const inside = [longitude, longitude === 180 ? -180 : longitude === -180 ? 180 : longitude].some(
    (at) => eastward(west, at) <= eastward(west, east),
  );
  return inside && south <= latitude && latitude <= north;
}

/** Great-circle distance from the angle between two unit vectors. */
function metres(a: Point, b: Point): number {
  const vector = ([longitude, latitude]: Point) => {
    const [theta, phi] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
    return [Math.cos(phi) * Math.cos(theta), Math.cos(phi) * Math.sin(theta), Math.sin(phi)] as const;
  };
  const [[ax, ay, az], [bx, by, bz]] = [vector(a), vector(b)];
  const cross = Math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx);
  return 6_371_008.8 * Math.atan2(cross, ax * bx + ay * by + az * bz);
}

/** The angles under which a point sees the edges add up to a full turn inside, to nothing outside. */
function inPolygon([longitude, latitude]: Point, polygon: Point[]): boolean {
  // Seen from the first vertex, which must be less than 180 degrees of longitude from all others.
  const origin = polygon[0]![0];
  const place = ([x, y]: Point): Point => [((((x - origin + 180) % 360) + 360) % 360) - 180, y];
  const [px, py] = place([longitude, latitude]);
  let turn = 0;
  for (const [at, vertex] of polygon.entries()) {
    const [ax, ay] = place(vertex);
    const [bx, by] = place(polygon[(at + 1) % polygon.length]!);
    const [ux, uy, vx, vy] = [ax - px, ay - py, bx - px, by - py];
    const angle = Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy);
    if (Math.abs(Math.abs(angle) - Math.PI) < 1e-9 || (ux === 0 && uy === 0)) return true;
    turn += angle;
  }
  return Math.abs(turn) > Math.PI;
}
