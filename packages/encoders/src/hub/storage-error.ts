import { NearfieldError } from '@nearfield/engine/encoder';

/** What a failed write to the model cache means, or the error as it is when it is no matter of storage. */
export function storageError(error: unknown, file: string): unknown {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new NearfieldError('STORAGE_FULL', `There is no space for ${file}`, {}, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
    case 'EIO':
    case 'ENAMETOOLONG': {
      const remedy = 'Set NEARFIELD_CACHE to a folder that can be written, or give the folder of a model.';
      return new NearfieldError('STORAGE_FAILED', `${file} cannot be stored`, { remedy }, { cause: error });
    }
    default:
      return error;
  }
}
