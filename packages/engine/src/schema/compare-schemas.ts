import type { CollectionSchema } from './schema.js';

/** What differs between a stored schema and the one given now, a line each; empty when they are the same. */
export function compareSchemas(stored: CollectionSchema, given: CollectionSchema): string[] {
  const differences: string[] = [];
  if (stored.strict !== given.strict) differences.push(`strict: stored ${stored.strict}, given ${given.strict}`);
  compareMembers('field', stored.fields, given.fields, differences);
  compareMembers('vector', stored.vectors, given.vectors, differences);
  return differences;
}

function compareMembers(
  what: string,
  stored: Readonly<Record<string, object>>,
  given: Readonly<Record<string, object>>,
  differences: string[],
): void {
  for (const name of new Set([...Object.keys(stored), ...Object.keys(given)])) {
    if (!Object.hasOwn(given, name)) differences.push(`${what} ${name}: stored, not given`);
    else if (!Object.hasOwn(stored, name)) differences.push(`${what} ${name}: given, not stored`);
    else compareOptions(`${what} ${name}`, stored[name], given[name], differences);
  }
}

function compareOptions(where: string, stored: object, given: object, differences: string[]): void {
  const before = stored as Record<string, unknown>;
  const now = given as Record<string, unknown>;
  for (const option of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [a, b] = [JSON.stringify(before[option]), JSON.stringify(now[option])];
    if (a !== b) differences.push(`${where}: ${option} stored ${a ?? 'none'}, given ${b ?? 'none'}`);
  }
}
