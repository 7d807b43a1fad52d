export type {
  EncodeOptions,
  Encoded,
  Encoder,
  EncoderIdentity,
  EncoderInput,
  EncoderOutput,
  EncoderRegistry,
  EncoderRole,
  Modality,
  SparseVector,
  TextSpan,
} from './encoder.js';
export type { MediaSource } from '../schema/media-source.js';
export type { Metric } from '../distance/metric.js';
export {
  NearfieldError,
  describe,
  suggestion,
  refuseUnknownKeys,
  throwIfAborted,
  type ErrorCode,
} from '../errors/index.js';
export { isPlainObject } from '../schema/plain-object.js';
