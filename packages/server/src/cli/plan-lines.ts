import type {
  DenseNode,
  FilterNode,
  LegNode,
  QueryPlan,
  SearchAnalysis,
  SegmentNode,
  SegmentStep,
  StepActual,
} from '@nearfield/engine';
import { countText, millisecondsText } from './terminal/amounts.js';
import { plainText } from './terminal/plain-text.js';

/** A plan as an indented tree, from the answer down to what is read. */
export function planLines(plan: QueryPlan, actual?: SearchAnalysis): string[] {
  const { strategy, exact, recall, rows, filter, legs, fusion, limit, offset } = plan;
  const lines = [
    `${strategy}: ${recallText(exact, recall)}, ${countText(rows)} rows, limit ${limit}, offset ${offset}`,
  ];
  if (fusion !== undefined) lines.push(`  fuse ${settings(fusion)}`);
  for (const [i, leg] of legs.entries()) lines.push(...legLines(leg, actual?.legs[i].segments));
  if (filter !== undefined) {
    const reads = [
      ...filter.columns.map((name) => `column ${name}`),
      ...filter.payloads.map((name) => `payload ${name}`),
    ];
    const by = reads.join(', ') || 'nothing';
    lines.push(`  ${filter.kind} by ${by}, ${matchText(filter)}`, `    ${plainText(filter.filter)}`);
  }
  return lines;
}

/** How many records are expected to pass, within which bounds, and where it was run, how many did. */
function matchText({ estimate, matches }: FilterNode): string {
  const { min, expected, max } = estimate;
  const bounds = min === max ? '' : `about ${countText(Math.round(expected))}, `;
  const range = min === max ? countText(min) : `${countText(min)} to ${countText(max)}`;
  return `${bounds}${range} match${matches === undefined ? '' : `, actual: ${countText(matches)}`}`;
}

/** A plan with what its parts came to, and where the time went. */
export function analysisLines(analysis: SearchAnalysis): string[] {
  const { plan, info, recall, hits, stages } = analysis;
  const times = stages.map(({ stage, ms }) => `${stage} ${millisecondsText(ms)}`).join(', ');
  return [
    ...planLines(plan, analysis),
    `actual: ${info.strategy}, ${countText(hits)} hits, recall ${recall.toFixed(3)} (expected ${info.recall.toFixed(3)}), ${millisecondsText(info.tookMs)}`,
    `  ${times}`,
  ];
}

function legLines(leg: LegNode, actual: readonly StepActual[] = []): string[] {
  switch (leg.kind) {
    case 'dense':
      return denseLines(leg, actual);
    case 'postings-scan':
      return [`  ${leg.kind} ${settings(leg)}`];
    default:
      return leg satisfies never;
  }
}

/** What is done to each sealed segment, and what it is expected to give and to cost; below it what lost, and why. */
function denseLines(leg: DenseNode, actual: readonly StepActual[]): string[] {
  const { kind, vector, weight, limit, vectors, segments, unsealed, exact, doubted, recall, cost } = leg;
  const doubt = doubted ? ', walks doubted by checks' : '';
  const head = `  ${kind} ${settings({ vector, weight, limit, vectors })}, ${expectation(exact, recall, cost)}${doubt}`;
  const lines = segments.flatMap((segment, i) => [...segmentLines(segment), ...actualLines(actual[i])]);
  if (unsealed.vectors === 0) return [head, ...lines];
  const rest = `    ${countText(unsealed.vectors)} unsealed vectors: scan, about ${millisecondsText(unsealed.cost / 1000)}`;
  return [head, ...lines, rest, ...actualLines(actual[segments.length])];
}

/** What the costs are reckoned by, where it is not what was measured on the segment on this machine. */
const SOURCES: Readonly<Record<SegmentNode['costsFrom'], string>> = {
  segment: '',
  'segment-elsewhere': ', measured on another machine',
  machine: ', measured on this machine alone',
  usual: ', not measured',
};

function segmentLines({ vectors, matching, step, recall, cost, costsFrom, alternatives }: SegmentNode): string[] {
  const all = matching < vectors ? `, ${countText(matching)} match` : '';
  const source = SOURCES[costsFrom];
  return [
    `    segment of ${countText(vectors)} vectors${all}: ${stepText(step)}, ${expectation(recall === 1, recall, cost)}${source}`,
    ...alternatives.map(
      (way) => `      not ${stepText(way.step)}, ${expectation(way.recall === 1, way.recall, way.cost)}`,
    ),
  ];
}

function actualLines(actual: StepActual | undefined): string[] {
  if (actual === undefined) return [];
  const { computed, hops, found, micros, completed, skipped } = actual;
  if (skipped && computed === 0) return ['      actual: left out, as the time was up'];
  const counts = `${countText(computed)} distances, ${countText(hops)} hops, ${countText(found)} found`;
  const ending = skipped ? ', ended as the time was up' : completed ? ', completed by a scan' : '';
  return [`      actual: ${counts}, ${millisecondsText(micros / 1000)}${ending}`];
}

function stepText(step: SegmentStep): string {
  return 'effort' in step ? `${step.kind} with effort ${step.effort}` : step.kind;
}

function expectation(exact: boolean, recall: number, cost: number): string {
  return `${recallText(exact, recall)}, about ${millisecondsText(cost / 1000)}`;
}

function recallText(exact: boolean, recall: number): string {
  return exact ? 'exact' : `recall ${recall.toFixed(3)}`;
}

function settings(node: object): string {
  return Object.entries(node)
    .filter(([name, value]) => (name !== 'kind' || !('vector' in node)) && value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? countText(value) : plainText(value)}`)
    .join(', ');
}
