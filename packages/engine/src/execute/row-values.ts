import { NearfieldError } from '../errors/index.js';
import type { RowReader } from '../filter/index.js';
import type { RecordTable } from '../segment/index.js';
import type { CollectionStore } from '../store/index.js';

/** The values of a table's live rows: from memory where a column index or the ids have them, else from the stored record. */
export class RowValues {
  #last: { row: number; payload: Readonly<Record<string, unknown>> } = { row: -1, payload: {} };

  #read = 0;

  /** @param mostRead stored records that may be read */
  constructor(
    readonly table: RecordTable,
    readonly store: CollectionStore,
    readonly mostRead = Infinity,
  ) {}

  isInMemory(field: string): boolean {
    return field === 'id' || this.table.columns.has(field);
  }

  /** Reads a field of a row that lives. */
  reader(field: string): RowReader {
    const { columns, ids } = this.table;
    if (field === 'id') return (row) => ids[row];
    const column = columns.get(field);
    if (column !== undefined) return (row) => column.read(row);
    return (row) => {
      const payload = this.#payload(row);
      return Object.hasOwn(payload, field) ? payload[field] : undefined;
    };
  }

  /** Several fields of one row cost one read. */
  #payload(row: number): Readonly<Record<string, unknown>> {
    if (this.#last.row !== row) {
      if (++this.#read > this.mostRead) throw tooManyRecords(this.mostRead);
      const payload = this.store.payload(this.table.keys.at(row));
      if (payload === undefined) throw this.store.versionGone(this.table.ids[row]);
      this.#last = { row, payload };
    }
    return this.#last.payload;
  }
}

function tooManyRecords(most: number): NearfieldError {
  return new NearfieldError('SCAN_TOO_LARGE', 'The filter would read too many stored records', {
    expected: `at most ${most} records`,
    received: 'more',
    remedy: 'Filter by fields that have an index first, or raise `limits.scanRows`.',
  });
}
