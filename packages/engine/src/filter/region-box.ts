import { invalidFilter, type Place } from './filter-error.js';
import type { BoxRegion } from './filter-node.js';
import { parseLatitude, parseLongitude } from './geo-point.js';

export function parseBox(operand: unknown, place: Place): BoxRegion {
  if (!Array.isArray(operand) || operand.length !== 4) {
    throw invalidFilter(place, 'not a box', '[west, south, east, north]', operand);
  }
  const west = parseLongitude(operand[0], place);
  const south = parseLatitude(operand[1], place);
  const east = parseLongitude(operand[2], place);
  const north = parseLatitude(operand[3], place);
  if (south > north) {
    throw invalidFilter(
      place,
      'the box is upside down',
      'south <= north',
      `south ${south}, north ${north}`,
      'A box is [west, south, east, north].',
    );
  }
  return Object.freeze({ kind: 'box', west, south, east, north });
}

export function compileBox({ west, south, east, north }: BoxRegion): (longitude: number, latitude: number) => boolean {
  const spans =
    west <= east
      ? (longitude: number) => longitude >= west && longitude <= east
      : (longitude: number) => longitude >= west || longitude <= east;
  return (longitude, latitude) => {
    if (latitude < south || latitude > north) return false;
    // 180 and -180 are one meridian.
    return spans(longitude) || (Math.abs(longitude) === 180 && spans(-longitude));
  };
}
