import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NearfieldError } from '@nearfield/engine/encoder';
import { checksumFiles } from '../../session/checksum.js';
import { once } from '../../session/once.js';
import { NAME } from './specification.js';

/** Where the two models lie. */
export interface SpeechModelFiles {
  readonly melSpectrogram: string;
  readonly embedding: string;
}

/** The models in the folder that the build fills. Throws ENCODER_UNAVAILABLE. */
export function modelFiles(): SpeechModelFiles {
  const folder = fileURLToPath(new URL('weights', import.meta.url));
  const files = {
    melSpectrogram: join(folder, 'melspectrogram.onnx'),
    embedding: join(folder, 'embedding_model.onnx'),
  };
  if (existsSync(files.melSpectrogram) && existsSync(files.embedding)) return files;
  throw new NearfieldError('ENCODER_UNAVAILABLE', `The models of ${NAME} are missing`, {
    expected: folder,
    remedy: 'Reinstall @nearfield/encoders; in its source tree, run the build.',
  });
}

/** SHA-256 (hex) of the two models, log-mel first. Computed once in a process. */
export const modelChecksum = once(async () => {
  const { melSpectrogram, embedding } = modelFiles();
  return checksumFiles([melSpectrogram, embedding]);
});
