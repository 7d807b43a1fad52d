// Installs and builds whatever is missing or out of date; costs a fraction of a second when nothing changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const PNPM = 'pnpm@10.34.9';
const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const stamps = join('node_modules', '.nearfield');
const manifests = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'examples/package.json'].concat(
  readdirSync('packages').map((name) => `packages/${name}/package.json`),
);

step(
  'install',
  () => `${process.version} ${process.platform} ${process.arch} ${PNPM} ${hashOf(manifests)}`,
  () => {
    run('npx', ['--yes', PNPM, 'install', '--frozen-lockfile']);
  },
);
step(
  'build',
  () => hashOf(sources()),
  () => {
    run(process.execPath, ['scripts/build.mjs']);
  },
);

/** Runs `work` unless it already succeeded for this very state. */
function step(name, state, work) {
  const stamp = join(stamps, name);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state()) return;
  console.error(`[setup] ${name} ...`);
  const started = Date.now();
  work();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, state());
  console.error(`[setup] ${name} done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function run(command, args) {
  try {
    execFileSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  } catch (error) {
    console.error(`[setup] failed: ${command} ${args.join(' ')}`);
    process.exit(error.status || 1);
  }
}

function sources() {
  const files = [
    'tsconfig.base.json',
    'tsconfig.json',
    'scripts/build.mjs',
    'scripts/extract-mobilenet-v2.mjs',
    'scripts/copy-speech-models.mjs',
    ...manifests,
  ];
  for (const folder of ['packages', 'examples']) {
    for (const entry of readdirSync(folder, { recursive: true })) {
      const path = join(folder, entry);
      if (/(^|[\\/])(node_modules|dist)([\\/]|$)/.test(path)) continue;
      if (/\.(ts|json)$/.test(path) && statSync(path).isFile()) files.push(path);
    }
  }
  // A build whose output was deleted is not up to date.
  return files
    .sort()
    .concat(['packages/engine/dist', 'packages/server/dist', 'examples/dist'].filter((f) => !existsSync(f)));
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(existsSync(file) ? readFileSync(file) : 'missing');
  return hash.digest('hex');
}
