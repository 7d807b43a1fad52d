import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EncoderRegistry } from './encoder/encoder.js';
import { NearfieldError } from './errors/index.js';

/** A variable, so that the engine compiles and runs without the package: it is a peer, not a dependency. */
const PACKAGE = '@nearfield/encoders';

/** The registry of @nearfield/encoders, as installed beside the engine or in the app. Throws ENCODER_UNAVAILABLE. */
export async function defaultRegistry(): Promise<EncoderRegistry> {
  const { registry } = (await load()) as { registry: () => EncoderRegistry };
  return registry();
}

async function load(): Promise<unknown> {
  try {
    return await import(PACKAGE);
  } catch (error) {
    if (!isMissing(error)) throw unavailable(error);
  }
  try {
    // A strict layout of node_modules hides the app's packages from the engine: ask from where the app runs.
    const path = createRequire(join(process.cwd(), 'package.json')).resolve(PACKAGE);
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw unavailable(error);
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 'ERR_MODULE_NOT_FOUND';
}

function unavailable(cause: unknown): NearfieldError {
  return new NearfieldError('ENCODER_UNAVAILABLE', `${PACKAGE} could not be loaded`, {}, { cause });
}
