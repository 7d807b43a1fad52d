export { fuse } from './fuse.js';
export type { LegScore, RankedRecord, Ranking } from './ranking.js';
