export type {
  FuseInput,
  Fusion,
  Leg,
  NearInput,
  ParsedQuery,
  Query,
  QueryStrategy,
  RelativeOptions,
  RrfOptions,
  Target,
} from './query.js';
export { encodeLegs, type LegVector } from './encode-legs.js';
export { parseQuery, type QueryContext } from './parse-query.js';
export { resolveLimits, type QueryLimits, type ResolvedLimits } from './query-limits.js';
export { parseSelect } from './parse-select.js';
export { checkBoolean, checkInteger, invalidOption } from './check-option.js';
