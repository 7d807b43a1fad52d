import type { Database } from '@nearfield/engine';
import type { ResolvedAppOptions } from '../options.js';

/** What the routes share. */
export interface RouteContext {
  readonly db: Database;
  readonly options: ResolvedAppOptions;
}
