import type { GeoPoint } from '../schema/field-type.js';
import { invalidFilter, type Place } from './filter-error.js';
import type { PolygonRegion } from './filter-node.js';
import { parsePoint } from './geo-point.js';
import type { ParseLimits } from './parse-limits.js';

/** Degrees, about 0.1 mm: a point this near to an edge is on it, as rounding makes exact incidence a matter of luck. */
const TOLERANCE = 1e-9;

/**
 * Reads a ring of at least 3 vertices, closed or not. Edges are straight in longitude and latitude, and each takes the
 * shorter way round the Earth: one whose ends differ by more than 180 degrees of longitude crosses the antimeridian
 * (at exactly 180 it does not). Refused as ambiguous: an edge from -180 to 180, which is either a point or a whole
 * parallel, and a ring round a pole, which does not say which side is inside.
 */
export function parsePolygon(operand: unknown, limits: ParseLimits, place: Place): PolygonRegion {
  const points = Array.from(limits.list(operand, place), (point) => {
    limits.count(place);
    return parsePoint(point, place);
  });
  const [first, last] = [points[0], points.at(-1)];
  if (points.length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1]) points.pop();
  if (points.length < 3) {
    throw invalidFilter(place, 'the polygon has too few vertices', 'at least 3 points', operand);
  }
  return Object.freeze({ kind: 'polygon', ring: Object.freeze(unwrap(points, place)) });
}

/** Moves each vertex after the first by whole turns to where the edge that leads to it is the shorter one. */
function unwrap(points: readonly GeoPoint[], place: Place): GeoPoint[] {
  let turns = 0;
  let west = Infinity;
  let east = -Infinity;
  const ring = points.map((point, at) => {
    if (at > 0) turns += turnsBetween(points[at - 1]!, point, place);
    const longitude = point[0] + 360 * turns;
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
    return Object.freeze([longitude, point[1]] as const);
  });
  turns += turnsBetween(points.at(-1)!, points[0]!, place);
  if (turns !== 0 || east - west > 360) {
    throw invalidFilter(
      place,
      'the polygon winds round the Earth',
      'a ring that encloses neither pole',
      'one that does',
      'Use { center, radius } or { box } around a pole, or give wide edges a vertex every 180 degrees.',
    );
  }
  return ring;
}

function turnsBetween([from]: GeoPoint, [to]: GeoPoint, place: Place): number {
  const east = to - from;
  if (Math.abs(east) === 360) {
    throw invalidFilter(
      place,
      'an edge between the longitudes -180 and 180 is ambiguous',
      'edges shorter than 360 degrees',
      `${from} to ${to}`,
      'Add a vertex in between, or write the antimeridian with one sign.',
    );
  }
  return east > 180 ? -1 : east < -180 ? 1 : 0;
}

/** Tests a point by the even-odd rule (M. Shimrat, "Algorithm 112: Position of point relative to polygon", 1962). */
export function compilePolygon({ ring }: PolygonRegion): (longitude: number, latitude: number) => boolean {
  const xs = Float64Array.from(ring, ([longitude]) => longitude);
  const ys = Float64Array.from(ring, ([, latitude]) => latitude);
  const [west, east] = [least(xs), greatest(xs)];
  const [south, north] = [least(ys), greatest(ys)];
  return (longitude, latitude) => {
    if (latitude < south - TOLERANCE || latitude > north + TOLERANCE) return false;
    // Unwrapped longitudes lie within 540 degrees of Greenwich.
    for (let x = longitude - 720; x <= east + TOLERANCE; x += 360) {
      if (x >= west - TOLERANCE && encloses(xs, ys, x, latitude)) return true;
    }
    return false;
  };
}

function least(values: Float64Array): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

function greatest(values: Float64Array): number {
  return values.reduce((high, value) => Math.max(high, value), -Infinity);
}

function encloses(xs: Float64Array, ys: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let at = 0, before = xs.length - 1; at < xs.length; before = at++) {
    const x1 = xs[before]!;
    const y1 = ys[before]!;
    const x2 = xs[at]!;
    const y2 = ys[at]!;
    if (isOnEdge(x1, y1, x2, y2, x, y)) return true;
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

function isOnEdge(x1: number, y1: number, x2: number, y2: number, x: number, y: number): boolean {
  if (x < Math.min(x1, x2) - TOLERANCE || x > Math.max(x1, x2) + TOLERANCE) return false;
  if (y < Math.min(y1, y2) - TOLERANCE || y > Math.max(y1, y2) + TOLERANCE) return false;
  const cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
  return Math.abs(cross) <= TOLERANCE * Math.hypot(x2 - x1, y2 - y1);
}
