import type { Collection, Database } from '@nearfield/engine';
import { infoText, legsText } from '../story/print.js';
import type { Answer } from './answer.js';
import { SCHEMA, type Question } from './questions.js';
import { askedClip, type EmojiRecord } from './records.js';

export type EmojiCollection = Collection<typeof SCHEMA>;

/** Hits that the terminal and the contact sheet show. */
const SHOWN_HITS = 6;

/** The collection of emoji, made when there is none. */
export function openEmoji(db: Database): Promise<EmojiCollection> {
  return db.collection('emoji', SCHEMA);
}

/** Those of the records that the collection does not hold yet. */
export async function missingFrom(
  collection: EmojiCollection,
  records: readonly EmojiRecord[],
): Promise<EmojiRecord[]> {
  const known = new Set<unknown>();
  for await (const { id } of collection.scan({ select: [] })) known.add(id);
  return records.filter(({ id }) => !known.has(id));
}

/** Searches; the pictures of hits are looked up among `records`, as the stored paths may be those of another folder. */
export async function answer(
  collection: EmojiCollection,
  question: Question,
  records: ReadonlyMap<unknown, EmojiRecord>,
): Promise<Answer> {
  const { hits, info } = await collection.search({ ...question.query, limit: SHOWN_HITS });
  const shown = hits.map((hit) => {
    const { emoji, name, picture } = records.get(hit.id)!;
    return { emoji, name, picture, score: hit.score, legs: legsText(hit) };
  });
  return { question, hits: shown, info };
}

/** The lines that the terminal shows of an answer. */
export function answerLines({ hits, info }: Answer): string[] {
  const lines = hits.map(
    ({ emoji, name, score, legs }, i) =>
      `${String(i + 1).padStart(2)}. ${score.toFixed(3)}  ${emoji}  ${name}${legs.includes(',') ? `  (${legs})` : ''}`,
  );
  return [...lines, `    ${infoText(info)}`];
}

/** Asks for every spoken name by the other voice: how many are found first, of how many. */
export async function spokenFound(
  collection: EmojiCollection,
  records: Iterable<EmojiRecord>,
): Promise<{ found: number; of: number }> {
  const spoken = [...records].filter(({ spoken }) => spoken !== undefined);
  const results = await collection.searchBatch(
    spoken.map(({ id }) => ({ near: { vector: 'sound', audio: askedClip(id) }, limit: 1, select: [] })),
  );
  return { found: results.filter(({ hits }, i) => hits[0]?.id === spoken[i].id).length, of: spoken.length };
}
