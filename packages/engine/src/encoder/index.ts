export type {
  Encoded,
  Encoder,
  EncoderIdentity,
  EncoderInput,
  EncoderOutput,
  EncoderRegistry,
  EncoderRole,
  MediaSource,
  Modality,
  SparseVector,
} from './encoder.js';
export type { Metric } from '../distance/metric.js';
export { NearfieldError, describe, suggestion, refuseUnknownKeys, throwIfAborted, type ErrorCode } from '../errors/index.js';
