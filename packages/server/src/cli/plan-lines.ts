import type { DenseNode, LegNode, QueryPlan } from '@nearfield/engine';
import { countText, millisecondsText } from './terminal/amounts.js';
import { plainText } from './terminal/plain-text.js';

/** A plan as an indented tree, from the answer down to what is read. */
export function planLines(plan: QueryPlan): string[] {
  const { strategy, exact, recall, rows, filter, legs, fusion, limit, offset } = plan;
  const lines = [
    `${strategy}: ${exact ? 'exact' : `recall ${recall.toFixed(3)}`}, ${countText(rows)} rows, limit ${limit}, offset ${offset}`,
  ];
  if (fusion !== undefined) lines.push(`  fuse ${settings(fusion)}`);
  for (const leg of legs) lines.push(`  ${leg.kind} ${legText(leg)}`);
  if (filter !== undefined) {
    const reads = [
      ...filter.columns.map((name) => `column ${name}`),
      ...filter.payloads.map((name) => `payload ${name}`),
    ];
    lines.push(`  ${filter.kind} by ${reads.join(', ') || 'nothing'}`, `    ${plainText(filter.filter)}`);
  }
  return lines;
}

function legText(leg: LegNode): string {
  switch (leg.kind) {
    case 'dense':
      return denseText(leg);
    case 'postings-scan':
      return settings(leg);
    default:
      return leg satisfies never;
  }
}

/** What is done to each sealed segment, and what it is expected to give and to cost. */
function denseText({ vector, weight, limit, vectors, steps, exact, recall, cost }: DenseNode): string {
  const efforts = steps.flatMap((step) => (step.kind === 'walk' ? [`walk with effort ${step.effort}`] : []));
  const scans = steps.length - efforts.length;
  const sealed = [...efforts, ...(scans > 0 ? [`scan of ${scans} sealed`] : [])];
  const expected = `${exact ? 'exact' : `recall ${recall.toFixed(3)}`}, about ${millisecondsText(cost / 1000)}`;
  return [settings({ vector, weight, limit, vectors }), ...sealed, expected].join(', ');
}

function settings(node: object): string {
  return Object.entries(node)
    .filter(([name, value]) => (name !== 'kind' || !('vector' in node)) && value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? countText(value) : plainText(value)}`)
    .join(', ');
}
