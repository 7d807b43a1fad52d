import { invalidFilter, type Place } from './filter-error.js';
import type { CircleRegion } from './filter-node.js';
import { parsePoint } from './geo-point.js';

/** Mean radius of the Earth in metres (IUGG: Moritz, Geodetic Reference System 1980). */
export const EARTH_RADIUS = 6_371_008.8;

const RADIANS = Math.PI / 180;

export function parseCircle(center: unknown, radius: unknown, place: Place): CircleRegion {
  if (typeof radius !== 'number' || !Number.isFinite(radius) || radius < 0) {
    throw invalidFilter(place, 'wrong radius', 'a finite number of metres, 0 or more', radius);
  }
  return Object.freeze({ kind: 'circle', center: parsePoint(center, place), radius: radius + 0 });
}

/**
 * Tests the great-circle distance on a sphere by the haversine formula (R. W. Sinnott, "Virtues of the Haversine",
 * 1984), which is right over the poles and the antimeridian and for points close together.
 */
export function compileCircle({ center, radius }: CircleRegion): (longitude: number, latitude: number) => boolean {
  const [centerLongitude, centerLatitude] = center;
  const cosine = Math.cos(centerLatitude * RADIANS);
  // A difference in latitude is a lower bound of the distance; the slack keeps rounding from cutting off the boundary.
  const reach = (radius / EARTH_RADIUS / RADIANS) * (1 + 1e-9) + 1e-9;
  return (longitude, latitude) => {
    const north = latitude - centerLatitude;
    if (Math.abs(north) > reach) return false;
    const sineNorth = Math.sin((north * RADIANS) / 2);
    const sineEast = Math.sin(((longitude - centerLongitude) * RADIANS) / 2);
    const haversine = sineNorth * sineNorth + cosine * Math.cos(latitude * RADIANS) * sineEast * sineEast;
    return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(haversine))) <= radius;
  };
}
