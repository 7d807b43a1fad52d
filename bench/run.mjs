// Runs benchmark suites: node bench/run.mjs [suite …] [--json file]. Without names it lists the suites.
// Data sets that are not in npm are looked for in the folder that NEARFIELD_BENCH_DATA names.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });

execFileSync(process.execPath, [`${here}/../scripts/setup.mjs`], { stdio: 'inherit' });
if (!existsSync(`${here}/node_modules`)) {
  execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: here, stdio: 'inherit', shell: process.platform === 'win32' });
}

const known = readdirSync(`${here}/suites`).map((file) => file.replace(/\.mjs$/, ''));
if (positionals.length === 0) {
  for (const name of known) console.log(`${name.padEnd(16)} ${(await load(name)).description}`);
  process.exit(0);
}
const machine = {
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  processor: cpus()[0]?.model ?? 'unknown',
  threads: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
};
const results = [];
for (const name of positionals) {
  if (!known.includes(name)) throw new Error(`No suite ${name}; there are ${known.join(', ')}`);
  const suite = await load(name);
  console.log(`\n${name}: ${suite.description}`);
  const rows = await suite.run();
  console.table(rows);
  results.push({ suite: name, rows });
}
if (values.json !== undefined) {
  mkdirSync(dirname(values.json), { recursive: true });
  writeFileSync(values.json, JSON.stringify({ machine, results }, null, 2));
}

function load(name) {
  return import(`./suites/${name}.mjs`);
}
