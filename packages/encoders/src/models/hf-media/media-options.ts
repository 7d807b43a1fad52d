import { refuseUnknownKeys } from '@nearfield/engine/encoder';
import { checkOneOf, checkPositiveInteger, checkType } from '../../check-options.js';
import { PRECISIONS, type Precision } from '../../hub/model-file.js';
import type { DownloadProgress } from '../../hub/model-repository.js';

/** Options that encoders of images and of sounds have in common. */
export interface HfMediaOptions {
  /** The file of the weights. Default: 'fp32'. */
  readonly precision?: Precision;
  /** Threads that encode: a positive integer. Default: the available cores. */
  readonly threads?: number;
  /** Inputs that go through the model at once: a positive integer. Default: 8 images, 1 window of a sound, 32 texts. */
  readonly batchSize?: number;
  /** Keeps the first numbers of an embedding and brings them to length 1, for models trained so. Default: all. */
  readonly dimensions?: number;
  /** A folder that holds the files of the repository: nothing is downloaded. */
  readonly folder?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

const MEDIA_OPTIONS = ['precision', 'threads', 'batchSize', 'dimensions', 'folder', 'onProgress'] as const;

/** Throws UNKNOWN_OPTION and INVALID_ARGUMENT. */
export function checkMediaOptions(options: HfMediaOptions, encoder: string, more: readonly string[] = []): void {
  refuseUnknownKeys(options, [...MEDIA_OPTIONS, ...more], encoder);
  checkOneOf(options.precision, PRECISIONS, 'precision', encoder);
  checkPositiveInteger(options.batchSize, 'batchSize', encoder);
  checkPositiveInteger(options.threads, 'threads', encoder);
  checkPositiveInteger(options.dimensions, 'dimensions', encoder);
  checkType(options.folder, 'string', 'folder', encoder);
  checkType(options.onProgress, 'function', 'onProgress', encoder);
}

/** The numbers of an embedding that are kept. Throws INVALID_ARGUMENT for more than the model has. */
export function resolveDimensions(wanted: number | undefined, full: number, encoder: string): number {
  checkPositiveInteger(wanted, 'dimensions', encoder, full);
  return wanted ?? full;
}
