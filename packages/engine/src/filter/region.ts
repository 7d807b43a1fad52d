import { refuseUnknownKeys } from '../errors/index.js';
import { describePlace, invalidFilter, type Place } from './filter-error.js';
import type { Region } from './filter-node.js';
import type { ParseLimits } from './parse-limits.js';
import { isPlainObject } from '../schema/plain-object.js';
import { compileBox, parseBox } from './region-box.js';
import { compileCircle, parseCircle } from './region-circle.js';
import { compilePolygon, parsePolygon } from './region-polygon.js';

const SHAPES = '{ center, radius }, { box } or { polygon }';

/** The operand of `$within`. */
export function parseRegion(operand: unknown, limits: ParseLimits, place: Place): Region {
  if (!isPlainObject(operand)) throw invalidFilter(place, 'not a region', SHAPES, operand);
  refuseUnknownKeys(operand, ['center', 'radius', 'box', 'polygon'], describePlace(place), 'INVALID_FILTER');
  const shape = Object.keys(operand).sort().join();
  if (shape === 'center,radius') return parseCircle(operand.center, operand.radius, place);
  if (shape === 'box') return parseBox(operand.box, place);
  if (shape === 'polygon') return parsePolygon(operand.polygon, limits, place);
  throw invalidFilter(place, 'not one region', SHAPES, shape);
}

/** A test of whether a point in degrees lies in the region or on its boundary. */
export function compileRegion(region: Region): (longitude: number, latitude: number) => boolean {
  switch (region.kind) {
    case 'circle':
      return compileCircle(region);
    case 'box':
      return compileBox(region);
    case 'polygon':
      return compilePolygon(region);
    default:
      throw unreachable(region);
  }
}

function unreachable(region: never): Error {
  return new Error(`Unknown region ${JSON.stringify(region)}`);
}
