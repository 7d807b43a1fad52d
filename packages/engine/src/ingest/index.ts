export { batches, lastOfEachId, type RecordSource } from './batches.js';
export { checkId } from './check-id.js';
export { checkRecord, type CheckedRecord } from './check-record.js';
export { EncoderBindings, type RegistryOf } from './encoder-bindings.js';
export { encode, encodeRecords, isEmpty, type EncodedRecord, type EncoderOf } from './encode-records.js';
