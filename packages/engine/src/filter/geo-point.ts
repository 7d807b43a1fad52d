import type { GeoPoint } from '../schema/field-type.js';
import { invalidFilter, type Place } from './filter-error.js';

/** A point operand: [longitude, latitude] in degrees, range-checked, -0 turned into 0. */
export function parsePoint(operand: unknown, place: Place): GeoPoint {
  if (!Array.isArray(operand) || operand.length !== 2) {
    throw invalidFilter(place, 'not a point', '[longitude, latitude]', operand);
  }
  return Object.freeze([parseLongitude(operand[0], place), parseLatitude(operand[1], place)] as const);
}

export function parseLongitude(value: unknown, place: Place): number {
  return parseDegrees(value, 180, 'longitude', place);
}

export function parseLatitude(value: unknown, place: Place): number {
  return parseDegrees(value, 90, 'latitude', place);
}

function parseDegrees(value: unknown, limit: number, name: string, place: Place): number {
  if (typeof value === 'number' && Math.abs(value) <= limit) return value + 0;
  const remedy = name === 'latitude' ? 'Coordinates are [longitude, latitude], in this order.' : undefined;
  throw invalidFilter(place, `wrong ${name}`, `degrees from -${limit} to ${limit}`, value, remedy);
}

/** Whether a stored value is a point; in a json field it may be anything. */
export function isPoint(value: unknown): value is GeoPoint {
  return Array.isArray(value) && value.length === 2 && isDegrees(value[0], 180) && isDegrees(value[1], 90);
}

function isDegrees(value: unknown, limit: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= limit;
}
