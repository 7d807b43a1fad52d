import type { CandidateList } from '../execute/index.js';
import { ONE_VECTOR, firstInSteps, type Candidates, type Steps } from '../indexes/index.js';
import type { QueryPlan } from '../plan/index.js';
import type { Fusion } from '../query/index.js';
import { reciprocalRank, relativeScore, type LegContribution } from './contribution.js';
import type { LegScore, RankedRecord, Ranking } from './ranking.js';

/** Candidates that are looked at in one step. */
const STEP_CANDIDATES = 2048;

/** Orders the candidates of all legs: by the leg's own score when there is one leg, else by weighted fusion. Ties by id. */
export function* fuse(candidates: CandidateList, plan: QueryPlan): Steps<Ranking> {
  const { fusion } = plan;
  const records = yield* fusion === undefined ? single(candidates.legs[0]) : fused(candidates, plan, fusion);
  return { candidates, records };
}

function* single(candidates: Candidates): Steps<RankedRecord[]> {
  const { records, scores } = candidates;
  const ranked: RankedRecord[] = [];
  for (let i = 0; i < records.length; i++) {
    if (i % STEP_CANDIDATES === STEP_CANDIDATES - 1) yield;
    ranked.push({ row: records[i], score: scores[i], legs: [legScore(0, candidates, i)] });
  }
  return ranked;
}

function legScore(leg: number, { scores, parts }: Candidates, place: number): LegScore {
  const part = parts === undefined || parts[place] === ONE_VECTOR ? undefined : parts[place];
  return { leg, score: scores[place], rank: place + 1, part };
}

function* fused({ legs, tieBreak }: CandidateList, plan: QueryPlan, fusion: Fusion): Steps<RankedRecord[]> {
  const contribution = contributionOf(fusion);
  const weights = shares(legs, plan, fusion);
  const byRow = new Map<number, { row: number; score: number; legs: LegScore[] }>();
  for (const [leg, candidates] of legs.entries()) {
    for (let place = 0; place < candidates.records.length; place++) {
      if (place % STEP_CANDIDATES === STEP_CANDIDATES - 1) yield;
      const row = candidates.records[place];
      let record = byRow.get(row);
      if (record === undefined) byRow.set(row, (record = { row, score: 0, legs: [] }));
      record.score += weights[leg] * contribution(candidates, place);
      record.legs.push(legScore(leg, candidates, place));
    }
  }
  const all = [...byRow.values()];
  // How many are above a score is told of all; else those behind the page need no order.
  const ordered = plan.minScore === undefined ? plan.offset + plan.limit : all.length;
  const byScore = (a: number, b: number) => all[b].score - all[a].score || tieBreak(all[a].row, all[b].row);
  const places = yield* firstInSteps(
    new Uint32Array(all.length).map((_, place) => place),
    ordered,
    byScore,
  );
  return Array.from(places, (place) => all[place]);
}

function contributionOf(fusion: Fusion): LegContribution {
  switch (fusion.kind) {
    case 'relative':
      return relativeScore;
    case 'rrf':
      return reciprocalRank(fusion.k);
    default:
      return fusion satisfies never;
  }
}

/** The legs' weights. Relative scores are shared out over the legs that found something, so that the best possible is 1. */
function shares(legs: readonly Candidates[], plan: QueryPlan, fusion: Fusion): number[] {
  const weights = plan.legs.map((leg, i) => (legs[i].records.length === 0 ? 0 : leg.weight));
  if (fusion.kind === 'rrf') return weights;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total === 0 ? weights : weights.map((weight) => weight / total);
}
