export { createApp } from './app.js';
export type { AppOptions } from './options.js';
export type { ErrorBody } from './errors/error-answer.js';
export { ENGINE_ERROR_STATUS } from './errors/engine-status.js';
export { SERVER_ERROR_STATUS, type ServerErrorCode } from './errors/server-codes.js';
