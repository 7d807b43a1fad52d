import { READ_ATTEMPTS, type CollectionCore } from './collection-core.js';
import { readRecord, type Projection } from './hydrate/index.js';
import type { Steps } from './indexes/index.js';
import type { AnyRecord, RecordId } from './schema/index.js';
import { inSteps } from './workers/index.js';

/** Ids up to which records are read in one turn of the event loop. */
const FEW_RECORDS = 1000;
/** Of more, records that are read in one step. */
const STEP_RECORDS = 16;
/** Times that many records are read in several turns, when there are commits in between; then it is done in one. */
const ATTEMPTS = 3;

type Found = AnyRecord | undefined;

/** The latest version of a record. */
export function recordOf({ store }: CollectionCore, id: RecordId, projection: Projection): Found {
  // A version that is gone between the two reads was replaced by another process.
  for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
    const key = store.keyOf(id);
    if (key === undefined) return undefined;
    const record = readRecord(store, key, id, projection);
    if (record !== undefined) return record;
  }
  throw store.versionGone(id);
}

/** The records of many ids, in their order, all of one state. */
export async function recordsOf(
  core: CollectionCore,
  ids: readonly RecordId[],
  projection: Projection,
  signal: AbortSignal | undefined,
): Promise<Found[]> {
  for (let attempt = 1; ids.length > FEW_RECORDS && attempt <= ATTEMPTS; attempt++) {
    const records = await inSteps(readInSteps(core, ids, projection), signal);
    if (records !== undefined) return records;
  }
  return ids.map((id) => recordOf(core, id, projection));
}

/** Undefined when there is a commit between two steps. */
function* readInSteps(
  core: CollectionCore,
  ids: readonly RecordId[],
  projection: Projection,
): Steps<Found[] | undefined> {
  const { commit } = core.live;
  const records: Found[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (i % STEP_RECORDS === STEP_RECORDS - 1) {
      yield;
      if (core.live.commit !== commit) return undefined;
    }
    records.push(recordOf(core, ids[i], projection));
  }
  return records;
}
