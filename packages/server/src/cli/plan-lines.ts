import type { QueryPlan } from '@nearfield/engine';
import { countText } from './terminal/amounts.js';
import { plainText } from './terminal/plain-text.js';

/** A plan as an indented tree, from the answer down to what is read. */
export function planLines(plan: QueryPlan): string[] {
  const { strategy, exact, recall, rows, filter, legs, fusion, limit, offset } = plan;
  const lines = [
    `${strategy}: ${exact ? 'exact' : `recall ${recall}`}, ${countText(rows)} rows, limit ${limit}, offset ${offset}`,
  ];
  if (fusion !== undefined) lines.push(`  fuse ${settings(fusion)}`);
  for (const leg of legs) lines.push(`  ${leg.kind} ${settings(leg)}`);
  if (filter !== undefined) {
    const reads = [
      ...filter.columns.map((name) => `column ${name}`),
      ...filter.payloads.map((name) => `payload ${name}`),
    ];
    lines.push(`  ${filter.kind} by ${reads.join(', ') || 'nothing'}`, `    ${plainText(filter.filter)}`);
  }
  return lines;
}

function settings(node: object): string {
  return Object.entries(node)
    .filter(([name, value]) => (name !== 'kind' || !('vector' in node)) && value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? countText(value) : plainText(value)}`)
    .join(', ');
}
