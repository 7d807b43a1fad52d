export { findFacets, parseFacets, type Facet, type FacetOptions } from './facets.js';
export { scannedIds } from './scan.js';
export { parseScan, type OrderBy, type ParsedScan, type ScanOptions } from './scan-options.js';
export type { Hit, HitScore, PassagePart, SearchInfo, SearchResult } from './hit.js';
export { hydrate, type HydratedPage } from './hydrate.js';
export { readRecord, type Projection } from './read-record.js';
