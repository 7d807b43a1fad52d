import type { SkippedRecord, SkippingResult } from './call-options.js';
import type { NearfieldError } from './errors/index.js';
import type { RecordId } from './schema/index.js';

/** Records of a result that are listed. */
const MAX_LISTED = 1000;

/** Takes note of the records that an ingest leaves out. */
export class SkippedRecords {
  readonly #listed: SkippedRecord[] = [];
  #count = 0;

  constructor(readonly onSkip: ((skipped: SkippedRecord) => void) | undefined) {}

  add(id: RecordId | undefined, position: number, { code, message }: NearfieldError): void {
    const skipped: SkippedRecord = { id, position, code, message };
    this.#count++;
    if (this.#listed.length < MAX_LISTED) this.#listed.push(skipped);
    this.onSkip?.(skipped);
  }

  result(count: number): SkippingResult {
    return { count, skippedCount: this.#count, skipped: this.#listed };
  }
}
