import type { CandidateList } from '../execute/index.js';
import { ONE_VECTOR, type Candidates } from '../indexes/index.js';
import type { QueryPlan } from '../plan/index.js';
import type { Fusion } from '../query/index.js';
import { reciprocalRank, relativeScore, type LegContribution } from './contribution.js';
import type { LegScore, RankedRecord, Ranking } from './ranking.js';

/** Orders the candidates of all legs: by the leg's own score when there is one leg, else by weighted fusion. Ties by id. */
export function fuse(candidates: CandidateList, plan: QueryPlan): Ranking {
  const records = plan.fusion === undefined ? single(candidates.legs[0]) : fused(candidates, plan, plan.fusion);
  return { candidates, records };
}

function single(candidates: Candidates): RankedRecord[] {
  const { records, scores } = candidates;
  const ranked: RankedRecord[] = [];
  for (let i = 0; i < records.length; i++) {
    ranked.push({ row: records[i], score: scores[i], legs: [legScore(0, candidates, i)] });
  }
  return ranked;
}

function legScore(leg: number, { scores, parts }: Candidates, place: number): LegScore {
  const part = parts === undefined || parts[place] === ONE_VECTOR ? undefined : parts[place];
  return { leg, score: scores[place], rank: place + 1, part };
}

function fused({ legs, tieBreak }: CandidateList, plan: QueryPlan, fusion: Fusion): RankedRecord[] {
  const contribution = contributionOf(fusion);
  const weights = shares(legs, plan, fusion);
  const byRow = new Map<number, { row: number; score: number; legs: LegScore[] }>();
  for (const [leg, candidates] of legs.entries()) {
    for (let place = 0; place < candidates.records.length; place++) {
      const row = candidates.records[place];
      let record = byRow.get(row);
      if (record === undefined) byRow.set(row, (record = { row, score: 0, legs: [] }));
      record.score += weights[leg] * contribution(candidates, place);
      record.legs.push(legScore(leg, candidates, place));
    }
  }
  return [...byRow.values()].sort((a, b) => b.score - a.score || tieBreak(a.row, b.row));
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
