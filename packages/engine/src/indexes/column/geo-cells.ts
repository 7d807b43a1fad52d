import type { RegionBounds } from '../../filter/index.js';

/** A cell is a quarter of a degree high and wide: 28 km along a meridian. */
const PER_DEGREE = 4;
const COLUMNS = 360 * PER_DEGREE;
const ROWS = 180 * PER_DEGREE;

/** The number of the cell of a point in degrees, by rows from the South Pole. */
export function cellOf(longitude: number, latitude: number): number {
  return rowOf(latitude) * COLUMNS + columnOf(longitude);
}

/** The cells that a box touches, each once; undefined when they are more than `limit`. */
export function cellsWithin({ south, north, longitudes }: RegionBounds, limit: number): number[] | undefined {
  const [first, last] = [rowOf(south), rowOf(north)];
  const columns = new Set<number>();
  for (const [west, east] of longitudes) {
    for (let column = columnOf(west); column <= columnOf(east); column++) columns.add(column);
  }
  if ((last - first + 1) * columns.size > limit) return undefined;
  const cells: number[] = [];
  for (let row = first; row <= last; row++) for (const column of columns) cells.push(row * COLUMNS + column);
  return cells;
}

/** The part of a cell that lies in a box; never 0 when they touch. */
export function shareWithin(cell: number, { south, north, longitudes }: RegionBounds): number {
  const bottom = Math.floor(cell / COLUMNS) / PER_DEGREE - 90;
  const left = (cell % COLUMNS) / PER_DEGREE - 180;
  const height = overlap(south, north, bottom);
  let width = 0;
  for (const [west, east] of longitudes) width = Math.max(width, overlap(west, east, left));
  return height * width;
}

/** How much of the range from `start`, as wide as a cell, lies between `low` and `high`. */
function overlap(low: number, high: number, start: number): number {
  const end = start + 1 / PER_DEGREE;
  if (high < start || low > end) return 0;
  return Math.max(1e-6, (Math.min(high, end) - Math.max(low, start)) * PER_DEGREE);
}

/** Whether a point in degrees lies in a box. */
export function isWithin(longitude: number, latitude: number, { south, north, longitudes }: RegionBounds): boolean {
  if (latitude < south || latitude > north) return false;
  for (const [west, east] of longitudes) if (longitude >= west && longitude <= east) return true;
  return false;
}

/** The last row and the last column take in their far edge. */
function rowOf(latitude: number): number {
  return Math.max(0, Math.min(ROWS - 1, Math.floor((latitude + 90) * PER_DEGREE)));
}

function columnOf(longitude: number): number {
  return Math.max(0, Math.min(COLUMNS - 1, Math.floor((longitude + 180) * PER_DEGREE)));
}
