// Finding encoders by name
export { encoder, namesOutsideModel, registry, type EncoderOptions, type OpenEncoderRegistry } from './registry.js';

// One factory a model
export { useLite, type UseLiteOptions } from './models/use-lite/use-lite.js';
export { mobilenetV2, type MobilenetV2Options } from './models/mobilenet-v2/mobilenet-v2.js';
export { hfText, type HfTextOptions } from './models/hf-text/hf-text.js';
export { hfAudio, type HfAudioOptions } from './models/hf-audio/hf-audio.js';
export { hfImage, type HfImageOptions } from './models/hf-image/hf-image.js';
export { httpText, type HttpTextOptions } from './models/http-text/http-text.js';
export { speech, type SpeechOptions } from './models/speech/speech.js';
export { spectral, type SpectralOptions } from './models/spectral/spectral.js';
export { bagOfWords, type BagOfWordsOptions } from './bow/bag-of-words.js';
export type { Language } from './bow/languages.js';
export type { DownloadProgress } from './hub/model-repository.js';
export type { Precision } from './hub/model-file.js';
export type { Pooling } from './pooling/pooling.js';

// What there is
export { cachedRepositories, type CachedRepository } from './hub/cached-repositories.js';
export { models } from './catalogue/models.js';
export type { ModelInfo, ModelState } from './catalogue/model-entry.js';

// The contract, for one's own encoders
export type {
  EncodeOptions,
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
  TextSpan,
} from '@nearfield/engine/encoder';
