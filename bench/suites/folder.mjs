// What is measured: `nearfield ingest --on-error skip` of a folder of mixed files (half texts, three tenths images, two
//   tenths sounds) in a process of its own: whether it names exactly the files that are broken; files a second; its
//   resident set at each tenth of the time and at its peak; and the ratio of its time to that of the encoders alone,
//   which read and encode the same files in batches in this process, right after it.
// Data: made with a fixed seed, kept in bench/.cache: 500 files of which 20 are broken, and 5 000 of which 200 are
//   (NEARFIELD_BENCH_SIZES).
// Run: npm run bench -- folder
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encoder } from '@nearfield/encoders';
import { mixedFolder } from '../data/mixed-folder.mjs';

export const description = 'ingest of a folder of mixed files: broken ones named, memory over time, speed';

const PROGRAM = fileURLToPath(new URL('../../packages/server/bin/nearfield.js', import.meta.url));
const SAMPLE_MS = 100;
const BATCH = 256;
const TENTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

export async function run() {
  const rows = [];
  const memory = [];
  const reasons = [];
  for (const size of (process.env.NEARFIELD_BENCH_SIZES ?? '500,5000').split(',').map(Number)) {
    const { folder, brokenNames } = await mixedFolder(size, size / 25);
    const { result, seconds, residents } = await ingest(folder);
    const alone = await encodeAlone(folder, brokenNames);
    const named = result.failures.map(({ file }) => file.slice(folder.length + 1));
    rows.push({
      files: size,
      ingested: result.records,
      broken: brokenNames.length,
      'named of these': named.filter((name) => brokenNames.includes(name)).length,
      'named wrongly': named.filter((name) => !brokenNames.includes(name)).length,
      skipped: result.skipped,
      'files/s': Math.round(size / seconds),
      'time over encoders alone': Number((seconds / alone).toFixed(2)),
    });
    memory.push({ files: size, ...atTenths(residents), peak: Math.max(...residents) });
    if (reasons.length === 0) {
      for (const { file, code, message } of result.failures.slice(0, 20))
        reasons.push({ file: file.slice(folder.length + 1), code, message: message.slice(0, 90) });
    }
  }
  return { ingest: rows, 'resident set at tenths of the time, MB': memory, 'what is said of broken files': reasons };
}

async function ingest(folder) {
  const path = join(tmpdir(), `nearfield-bench-folder-${process.pid}.nf`);
  const started = performance.now();
  const args = [PROGRAM, 'ingest', path, 'files', folder, '--on-error', 'skip', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const residents = [];
  const sampling = setInterval(() => residents.push(residentMegabytes(child.pid)), SAMPLE_MS);
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(sampling);
  const seconds = (performance.now() - started) / 1000;
  for (const suffix of ['', '-wal', '-shm', '-lock']) rmSync(path + suffix, { force: true });
  return { result: JSON.parse(out), seconds, residents: residents.filter((megabytes) => megabytes > 0) };
}

/** Linux only; 0 when the process has ended. */
function residentMegabytes(pid) {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000);
  } catch {
    return 0;
  }
}

function atTenths(residents) {
  return Object.fromEntries(
    TENTHS.map((tenth) => [`${tenth * 10} %`, residents[Math.ceil((tenth / 10) * residents.length) - 1]]),
  );
}

/** Seconds that the encoders need for the files that are whole, with their start, all three at the same time. */
async function encodeAlone(folder, brokenNames) {
  const inputs = { 'text:use-lite': [], 'image:mobilenet-v2': [], 'audio:speech': [] };
  for (const name of readdirSync(folder, { recursive: true }).sort()) {
    const path = join(folder, name);
    if (brokenNames.includes(name) || extname(name) === '') continue;
    if (extname(name) === '.md') inputs['text:use-lite'].push({ kind: 'text', text: readFileSync(path, 'utf8') });
    else if (/\.(jpg|png)$/.test(name)) inputs['image:mobilenet-v2'].push({ kind: 'image', image: path });
    else inputs['audio:speech'].push({ kind: 'audio', audio: path });
  }
  const started = performance.now();
  await Promise.all(
    Object.entries(inputs).map(async ([name, list]) => {
      const model = await encoder(name);
      for (let at = 0; at < list.length; at += BATCH) await model.encode(list.slice(at, at + BATCH));
      await model.close();
    }),
  );
  return (performance.now() - started) / 1000;
}
