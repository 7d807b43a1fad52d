export { ERROR_CODES, type ErrorCode, type ErrorKind } from './codes.js';
export { NearfieldError, type ErrorDetails } from './nearfield-error.js';
export { describe } from './describe.js';
export { nearestName, suggestion, refuseUnknownKeys } from './suggest.js';
export { abortError, throwIfAborted } from './abort.js';
