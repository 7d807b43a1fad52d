import { open, type Encoder, type QueryLimits } from '@nearfield/engine';
import { createApp, type AppOptions } from '@nearfield/server';
import type { Test } from 'tap';
import { LettersEncoder, registryOf } from './letters-encoder.js';

export const FILMS = {
  fields: {
    title: 'text',
    year: 'integer',
    released: 'datetime',
    poster: 'image',
    genres: 'keyword[]',
    extra: 'json',
  },
  vectors: {
    letters: { from: ['title'], encoder: 'text:letters' },
    mine: { dimensions: 3, metric: 'cosine' },
  },
} as const;

/** An app over a database in memory, closed with the test. */
export async function serving(
  t: Test,
  options: AppOptions = {},
  encoder: Encoder = new LettersEncoder(),
  limits: QueryLimits = {},
) {
  const db = await open(':memory:', { encoders: registryOf(encoder), limits });
  const app = createApp(db, options);
  t.teardown(async () => {
    await app.close();
    await db.close();
  });
  return { app, db };
}

/** As `serving`, with the collection films and two records whose ids differ by type only. */
export async function servingFilms(t: Test, options: AppOptions = {}, limits: QueryLimits = {}) {
  const serving_ = await serving(t, options, new LettersEncoder(), limits);
  const films = await serving_.db.collection('films', FILMS);
  await films.upsert([
    {
      id: 1,
      title: 'aaa',
      year: 1990,
      released: '1990-05-01',
      genres: ['drama'],
      vectors: { mine: new Float32Array([1, 0, 0.5]) },
    },
    { id: '1', title: 'bbb', year: 2000, poster: new Uint8Array([1, 2, 3]) },
  ]);
  return { ...serving_, films };
}
