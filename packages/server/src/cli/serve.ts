import { NearfieldError } from '@nearfield/engine';
import type { FastifyInstance } from 'fastify';
import { isIP, type AddressInfo } from 'node:net';
import { createApp } from '../app.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { interruptible } from './interruption.js';
import { failureText } from './terminal/failure-text.js';
import { printJson, printLines } from './terminal/output.js';
import { UsageError } from './usage-error.js';
import { withDatabase, type OpeningOptions } from './with-database.js';

export interface ServeOptions extends OpeningOptions {
  readonly port: number;
  readonly host: string;
  readonly apiKey?: string;
  readonly bodyLimit: number;
  readonly allowLocalPaths?: boolean;
  readonly allowModels?: boolean;
  readonly readOnly?: boolean;
  readonly json?: boolean;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const BYTES_A_MEBIBYTE = 1024 * 1024;

/**
 * `nearfield serve`: until it is interrupted, then finishes the requests in progress and closes the database. Without
 * an API key it serves this machine only, and only under this machine's own names.
 */
export async function serve(path: string, options: ServeOptions): Promise<ExitCode> {
  const { host, port, apiKey, bodyLimit, readOnly = false, json, threads, memoryBudget } = options;
  const { allowLocalPaths, allowModels } = options;
  if (apiKey === '') throw new UsageError('The API key is empty.');
  if (apiKey === undefined && !isLoopback(host)) {
    throw new UsageError(`${host} can be reached by other machines: give --api-key or set NEARFIELD_API_KEY.`);
  }
  return interruptible((signal) =>
    withDatabase(path, { readOnly, threads, memoryBudget }, async (db) => {
      const app = createApp(db, {
        apiKey,
        allowLocalPaths,
        allowModels,
        bodyLimit: bodyLimit * BYTES_A_MEBIBYTE,
        allowedHosts: apiKey === undefined ? [...new Set([...LOOPBACK_NAMES, host])] : undefined,
        onServerError: (error, { method, url }) => process.stderr.write(`${failureText(error, `${method} ${url}`)}\n`),
      });
      try {
        const url = await listen(app, host, port);
        if (json === true) printJson({ url });
        else printLines([`Nearfield serves ${path} at ${url}`]);
        await aborted(signal);
      } finally {
        await app.close();
      }
      return EXIT.done;
    }),
  );
}

/** Starts to listen; the address has the port that the system chose for port 0. */
async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw notListening(error as NodeJS.ErrnoException, host, port);
  }
  const address = app.server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${address.port}`;
}

/** The usual reasons for which an address is not to be had, with what to do; any other error as it is. */
function notListening(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return refused(`Port ${port} of ${host} is in use`, 'Give another --port, or 0 for a free one.', error);
    case 'EACCES':
      return refused(`Port ${port} may not be listened on`, 'Give a --port from 1024 on.', error);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return refused(`${host} is no address of this machine`, 'Give another --host.', error);
    default:
      return error;
  }
}

function refused(what: string, remedy: string, cause: Error): NearfieldError {
  return new NearfieldError('INVALID_ARGUMENT', what, { remedy }, { cause });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
