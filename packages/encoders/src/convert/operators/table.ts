import { ACTIVATION } from './activation.js';
import { ARITHMETIC } from './arithmetic.js';
import { CONVOLUTION } from './convolution.js';
import { INDEXING } from './indexing.js';
import type { OperatorTable } from './operator.js';
import { POOLING } from './pooling.js';
import { REDUCTION } from './reduction.js';
import { SHAPE } from './shape.js';

/** Every TensorFlow operator that the converter knows. */
export const OPERATORS: OperatorTable = {
  ...ACTIVATION,
  ...ARITHMETIC,
  ...CONVOLUTION,
  ...INDEXING,
  ...POOLING,
  ...REDUCTION,
  ...SHAPE,
};
