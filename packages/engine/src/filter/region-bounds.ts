import { EARTH_RADIUS } from './region-circle.js';
import type { CircleRegion, Region } from './filter-node.js';

/** Degrees added on each side, so that what lies on a boundary but for rounding is inside. */
const SLACK = 1e-6;
const DEGREES = 180 / Math.PI;

/** A box round a region, in degrees: every point of the region lies in it, and others may. */
export interface RegionBounds {
  readonly south: number;
  readonly north: number;
  /** Ranges of longitude within [-180, 180]. One that ends at a side of the antimeridian comes with the other side. */
  readonly longitudes: readonly (readonly [west: number, east: number])[];
}

export function boundsOf(region: Region): RegionBounds {
  switch (region.kind) {
    case 'box': {
      const { west, south, east, north } = region;
      return bounds(south, north, west, west <= east ? east : east + 360);
    }
    case 'circle':
      return boundsOfCircle(region);
    case 'polygon': {
      const [longitudes, latitudes] = [0, 1].map((axis) => region.ring.map((point) => point[axis]));
      const least = (values: readonly number[]) => values.reduce((low, value) => Math.min(low, value), Infinity);
      const greatest = (values: readonly number[]) => values.reduce((high, value) => Math.max(high, value), -Infinity);
      return bounds(least(latitudes), greatest(latitudes), least(longitudes), greatest(longitudes));
    }
    default:
      return region satisfies never;
  }
}

function boundsOfCircle({ center: [longitude, latitude], radius }: CircleRegion): RegionBounds {
  const angle = radius / EARTH_RADIUS;
  const [south, north] = [latitude - angle * DEGREES, latitude + angle * DEGREES];
  // Round a pole, every longitude is reached.
  if (south <= -90 + SLACK || north >= 90 - SLACK) return bounds(south, north, -180, 180);
  const reach = Math.asin(Math.min(1, Math.sin(angle) / Math.cos(latitude / DEGREES))) * DEGREES;
  return bounds(south, north, longitude - reach, longitude + reach);
}

/** Longitudes from `west` to `east`, which may lie some turns away. */
function bounds(south: number, north: number, west: number, east: number): RegionBounds {
  const longitudes: (readonly [number, number])[] = [];
  if (east - west + 2 * SLACK >= 360) longitudes.push([-180, 180]);
  else {
    for (let turn = -720; turn <= 720; turn += 360) {
      const range = [Math.max(-180, west - SLACK + turn), Math.min(180, east + SLACK + turn)] as const;
      if (range[0] <= range[1]) longitudes.push(range);
    }
    if (longitudes.some(([from, to]) => from === -180 || to === 180)) longitudes.push([-180, -180], [180, 180]);
  }
  return { south: south - SLACK, north: north + SLACK, longitudes };
}
