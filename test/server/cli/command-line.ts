import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

const PROGRAM = fileURLToPath(new URL('../../../packages/server/bin/nearfield.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A folder for one test, with files of the given texts. */
export async function folderOf(t: Test, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = t.testdir({});
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Runs the command line to its end. */
export function nearfield(
  folder: string,
  args: readonly string[],
  input = '',
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, ...args],
      { cwd: folder, env: { ...environment(), ...variables } },
      (_error, out, err) => resolve({ code: child.exitCode, out, err }),
    );
    child.stdin?.end(input);
  });
}

/** Starts the command line and leaves it running; it is killed with the test. */
export function start(t: Test, folder: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env: environment() });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** The first line that a child prints. */
export function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    // Not at 'exit': what it printed may still be on its way.
    child.once('close', (code) => reject(new Error(`the process ended with ${code}`)));
  });
}

/** Without what the tester's own environment says of Nearfield, and what the test runner tells child processes. */
function environment(): NodeJS.ProcessEnv {
  const { NEARFIELD_API_KEY: _key, DEBUG: _debug, NODE_OPTIONS: _options, ...rest } = process.env;
  return rest;
}

export const FILM_LINES = [
  { id: 'tt1', title: 'The Shawshank Redemption', plot: 'Two men in prison find hope over many years', year: 1994 },
  { id: 'tt2', title: 'The Godfather', plot: 'The head of a family of criminals hands it to his son', year: 1972 },
  { id: 3, title: 'Spirited Away', plot: 'A girl wanders into a world ruled by spirits', year: 2001 },
];

export const jsonLines = (records: readonly object[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Words only, so that a test loads no model. */
export const WORDS_SCHEMA = JSON.stringify({
  fields: { title: 'text', plot: 'text', year: 'integer' },
  vectors: { words: { from: ['title', 'plot'], encoder: 'bow:english' } },
});
