import { readdir, rename, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A partial file of another computer on a shared disk is left behind when nobody wrote it for so long, in milliseconds. */
const ABANDONED_MS = 10 * 60_000;

const HOST = hostname().replaceAll(/[^\w-]/g, '_');
const active = new Set<string>();
let serial = 0;

/**
 * A place for the bytes of `target` until they are complete, which no other download writes to: what an ended process
 * or a failed download left behind is taken over, so that it goes on where that one stopped. To be released.
 */
export async function claimPartial(target: string): Promise<string> {
  const own = `${target}.${HOST}.${process.pid}.${serial++}.part`;
  active.add(own);
  for (const left of await partials(target)) {
    if (!(await isAbandoned(left))) continue;
    try {
      await rename(left, own);
      return own;
    } catch {
      // Another process was quicker; there may be a second one.
    }
  }
  return own;
}

export function releasePartial(partial: string): void {
  active.delete(partial);
}

async function partials(target: string): Promise<string[]> {
  const start = `${basename(target)}.`;
  const names = await readdir(dirname(target));
  return names
    .filter((name) => name.startsWith(start) && name.endsWith('.part'))
    .map((name) => join(dirname(target), name))
    .filter((path) => !active.has(path));
}

async function isAbandoned(partial: string): Promise<boolean> {
  const [, host, pid] = /\.([\w-]+)\.(\d+)\.\d+\.part$/.exec(partial) ?? [];
  if (host === HOST) return Number(pid) === process.pid || !isAlive(Number(pid));
  try {
    return Date.now() - (await stat(partial)).mtimeMs > ABANDONED_MS;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
