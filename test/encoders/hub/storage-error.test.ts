import t from 'tap';
import { storageError } from '@nearfield/encoders/internals/hub/storage-error';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

t.test('a full disk is told from one that cannot be written, and other failures stay what they are', async (t) => {
  for (const code of ['ENOSPC', 'EDQUOT']) t.match(storageError(failure(code), 'model.onnx'), { code: 'STORAGE_FULL' });
  for (const code of ['EACCES', 'EROFS', 'ENOTDIR']) {
    t.match(storageError(failure(code), 'model.onnx'), { code: 'STORAGE_FAILED', message: /NEARFIELD_CACHE/ });
  }
  for (const other of [failure('ECONNRESET'), new Error('other'), undefined]) {
    t.equal(storageError(other, 'model.onnx'), other);
  }
});
