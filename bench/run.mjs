// Runs benchmark suites: node bench/run.mjs [suite …] [--json file]. Without names it lists the suites.
// Data sets that are not in npm are looked for in the folder that NEARFIELD_BENCH_DATA names.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });

execFileSync(process.execPath, [`${here}/../scripts/setup.mjs`], { stdio: 'inherit' });
install(here);

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
  // A suite gives the rows of its one table, or tables by title.
  const given = await suite.run();
  const tables = Array.isArray(given) ? { '': given } : given;
  for (const [title, rows] of Object.entries(tables)) {
    if (title !== '') console.log(`\n${title}`);
    console.table(rows);
  }
  results.push(Array.isArray(given) ? { suite: name, rows: given } : { suite: name, tables });
}
if (values.json !== undefined) {
  mkdirSync(dirname(values.json), { recursive: true });
  writeFileSync(values.json, JSON.stringify({ machine, results }, null, 2));
}

function load(name) {
  return import(`./suites/${name}.mjs`);
}
