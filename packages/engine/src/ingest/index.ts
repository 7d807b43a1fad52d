export { batches, lastOfEachId, type RecordSource } from './batches.js';
export { checkId } from './check-id.js';
export { checkRecord, type CheckedRecord } from './check-record.js';
export { combine, type Part } from './combine.js';
export { encode, isEmpty } from './encode-inputs.js';
export { encodeRecords, type EncodedRecord } from './encode-records.js';
export { EncoderBindings, type EncoderOf, type RegistryOf } from './encoder-bindings.js';
export { givenEncoders, type GivenEncoders } from './given-encoders.js';
export type { Slot, VectorEncoder } from './vector-encoder.js';
