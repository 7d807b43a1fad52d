export { NearfieldError, ERROR_CODES, type ErrorCode } from './errors/index.js';
