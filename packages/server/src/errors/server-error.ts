import type { ServerErrorCode } from './server-codes.js';

/** An error of the request itself; the engine's errors are NearfieldErrors. */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(
    readonly code: ServerErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
