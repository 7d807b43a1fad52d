import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Installs what the bench compares with, unless that was done for this very lockfile and Node. `folder` is bench/. */
export function install(folder) {
  const stamp = join(folder, 'node_modules', '.nearfield-bench');
  const lockfile = readFileSync(join(folder, 'package-lock.json'));
  const hash = createHash('sha256').update(lockfile).digest('hex');
  const state = `${process.version} ${process.platform} ${process.arch} ${hash}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;
  npm(folder, ['ci', '--ignore-scripts']);
  // The one package that must be compiled; scripts of the others need not run.
  npm(folder, ['rebuild', 'hnswlib-node', '--ignore-scripts=false']);
  writeFileSync(stamp, state);
}

function npm(folder, args) {
  execFileSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
}
