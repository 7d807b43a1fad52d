// A reverse dictionary: describe a thing and get its word. Ingests definitions of WordNet, then searches them by meaning,
// by words, by both, and within a filter. A second run finds the database and goes straight to the searches.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { open, type Collection, type Query } from '@nearfield/engine';
import { timedIngest } from '../story/ingest.js';
import { heading } from '../story/print.js';
import { printHits } from './print-hits.js';
import { readDefinitions, type Definition } from './wordnet.js';

const DEFINITIONS = 20_500;
const folder = fileURLToPath(new URL('../../.demo/', import.meta.url));

const schema = {
  fields: { lemmas: 'text', gloss: 'text', partOfSpeech: 'keyword', category: 'keyword', senses: 'integer' },
  vectors: {
    meaning: { from: ['lemmas', 'gloss'], encoder: 'text:use-lite' },
    words: { from: ['lemmas', 'gloss'], encoder: 'bow:english' },
  },
} as const;

mkdirSync(folder, { recursive: true });
await using db = await open(`${folder}reverse-dictionary.nf`);
const dictionary = await db.collection('dictionary', schema);
await ingest(dictionary);
await ask('By meaning: "a tool for measuring temperature"', {
  near: { vector: 'meaning', text: 'a tool for measuring temperature' },
});
await ask('By meaning: "a person who studies the stars"', {
  near: { vector: 'meaning', text: 'a person who studies the stars' },
});
await ask('By words: "stars telescope"', { near: { vector: 'words', text: 'stars telescope' } });
await ask('Hybrid, meaning and words fused: "a large natural stream of water"', {
  text: 'a large natural stream of water',
});
await ask('Hybrid with weights of your own, only persons: "a doctor who treats animals"', {
  near: [
    { vector: 'meaning', text: 'a doctor who treats animals', weight: 3 },
    { vector: 'words', text: 'a doctor who treats animals', weight: 1 },
  ],
  filter: { category: 'noun.person' },
});
await ask('Filtered, verbs with at most three senses: "to feel great happiness"', {
  text: 'to feel great happiness',
  filter: { partOfSpeech: 'verb', senses: { $lte: 3 } },
});
await ask('Like a record: near "astronomer", only persons', {
  near: { vector: 'meaning', id: 'n09837748' },
  filter: { category: 'noun.person' },
});
heading('Try next');
console.log(`npx nearfield search ${db.path} dictionary "a tool for cutting wood"
npx nearfield search ${db.path} dictionary "to walk slowly" --filter '{"partOfSpeech":"verb"}' --limit 5
npx nearfield info ${db.path}
npx nearfield serve ${db.path}`);

async function ingest(collection: Collection<typeof schema>): Promise<void> {
  const before = await collection.count();
  if (before >= DEFINITIONS) {
    console.log(`${before} definitions are in ${db.path} already.`);
    return;
  }
  const missing: Definition[] = [];
  const known = new Set<unknown>();
  for await (const { id } of collection.scan({ select: [] })) known.add(id);
  for (const definition of readDefinitions(DEFINITIONS)) if (!known.has(definition.id)) missing.push(definition);
  console.log(`Ingesting ${missing.length} definitions of WordNet into ${db.path}`);
  await timedIngest('definitions', missing.length, (onProgress) => collection.upsert(missing.values(), { onProgress }));
}

async function ask(title: string, query: Query<typeof schema>): Promise<void> {
  heading(title);
  printHits(await dictionary.search({ limit: 5, ...query }));
}
