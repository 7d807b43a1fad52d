// What is measured, through the public search and the public encoders, by audio:speech and audio:spectral:
// - spoken digits (Free Spoken Digit Dataset): the share of recordings whose nearest recording of another speaker says the
//   same digit (1-NN accuracy across speakers);
// - sounds of Tux Paint's stamps: the share of the 5 nearest sounds that are of the same category (precision@5), for
//   categories with at least 6 sounds, by the first level of the category and by the first two; beside it, what chance gives;
// - clips a second, decoding included, Each encoder encodes one
//   clip first, so that loading is not timed; the encoders take turns, three times, and the best time counts.
// Data: folders fsdd (recordings/*.wav) and tuxpaint-stamps (stamps.jsonl, sounds/) in NEARFIELD_BENCH_DATA.
// Run: NEARFIELD_BENCH_DATA=folder npm run bench -- sound
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { encoder } from '@nearfield/encoders';
import { open } from '@nearfield/engine';

export const description = 'spoken digits across speakers, categories of sounds, clips a second';

const ENCODERS = ['audio:speech', 'audio:spectral'];
const NEAREST = 5;
const ROUNDS = 3;

export async function run() {
  const folder = process.env.NEARFIELD_BENCH_DATA;
  if (folder === undefined) throw new Error('Set NEARFIELD_BENCH_DATA to the folder that holds the data sets');
  const digits = spokenDigits(join(folder, 'fsdd', 'recordings'));
  const stamps = stampSounds(join(folder, 'tuxpaint-stamps'));
  const accuracy = [];
  for (const name of ENCODERS) {
    accuracy.push({
      encoder: name,
      'digits, 1-NN': await digitAccuracy(name, digits),
      ...(await categoryPrecision(name, stamps)),
    });
  }
  return {
    [`${digits.length} spoken digits, ${stamps.length} sounds of stamps`]: accuracy,
    'Clips a second': await speeds({ digits, stamps }),
  };
}

function spokenDigits(folder) {
  return readdirSync(folder)
    .filter((file) => /^\d_\w+_\d+\.wav$/.test(file))
    .sort()
    .map((file) => {
      const [digit, speaker] = file.split('_');
      return { id: file, path: join(folder, file), digit, speaker };
    });
}

function stampSounds(folder) {
  return readFileSync(join(folder, 'stamps.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ sound }) => sound !== undefined)
    .map(({ id, sound, category }) => ({
      id,
      path: join(folder, sound),
      first: category[0],
      'first two': category.slice(0, 2).join('/'),
    }));
}

/** The sounds in a collection of one vector, with their speaker where there is one. */
async function collectionOf(name, sounds) {
  const db = await open(':memory:');
  const collection = await db.collection('sounds', {
    fields: { sound: 'audio', speaker: 'keyword' },
    vectors: { sound: { from: ['sound'], encoder: name } },
  });
  await collection.upsert(sounds.map(({ id, path, speaker = '' }) => ({ id, sound: path, speaker })));
  return { db, collection };
}

async function digitAccuracy(name, digits) {
  const { db, collection } = await collectionOf(name, digits);
  const results = await collection.searchBatch(
    digits.map(({ id, speaker }) => ({
      near: { vector: 'sound', id },
      filter: { speaker: { $ne: speaker } },
      limit: 1,
      exact: true,
      select: [],
    })),
  );
  await db.close();
  const digitOf = new Map(digits.map(({ id, digit }) => [id, digit]));
  const right = results.filter(({ hits }, i) => digitOf.get(hits[0].id) === digits[i].digit).length;
  return Number((right / digits.length).toFixed(3));
}

async function categoryPrecision(name, stamps) {
  const { db, collection } = await collectionOf(name, stamps);
  const results = await collection.searchBatch(
    stamps.map(({ id }) => ({ near: { vector: 'sound', id }, limit: NEAREST + 1, exact: true, select: [] })),
  );
  await db.close();
  const byId = new Map(stamps.map((stamp) => [stamp.id, stamp]));
  const row = {};
  for (const level of ['first', 'first two']) {
    const [shares, chances] = [[], []];
    for (const [i, stamp] of stamps.entries()) {
      const same = stamps.filter((other) => other[level] === stamp[level]).length;
      if (same <= NEAREST) continue;
      // A search by the vector of a record may or may not return the record itself.
      const others = results[i].hits.filter(({ id }) => id !== stamp.id).slice(0, NEAREST);
      shares.push(others.filter(({ id }) => byId.get(id)[level] === stamp[level]).length / NEAREST);
      chances.push((same - 1) / (stamps.length - 1));
    }
    row[`${level}: precision@5`] = Number(mean(shares).toFixed(3));
    row[`${level}: chance`] = Number(mean(chances).toFixed(3));
    row[`${level}: queries`] = shares.length;
  }
  return row;
}

async function speeds(sets) {
  const encoders = await Promise.all(ENCODERS.map((name) => encoder(name)));
  const rows = [];
  for (const [set, sounds] of Object.entries(sets)) {
    const inputs = sounds.map(({ path }) => ({ kind: 'audio', audio: path }));
    const best = encoders.map(() => Infinity);
    for (const made of encoders) await made.encode(inputs.slice(0, 8));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, made] of encoders.entries()) {
        const started = performance.now();
        await made.encode(inputs);
        best[i] = Math.min(best[i], performance.now() - started);
      }
    }
    for (const [i, name] of ENCODERS.entries()) {
      const perSecond = (1000 * inputs.length) / best[i];
      rows.push({ set, encoder: name, clips: inputs.length, 'clips/s': Number(perSecond.toFixed(1)) });
    }
  }
  await Promise.all(encoders.map((made) => made.close()));
  return rows;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
