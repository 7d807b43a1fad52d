import type { Query, SchemaInput } from '@nearfield/engine';
import { askedClip, drawing } from './records.js';

export const SCHEMA = {
  fields: {
    emoji: { type: 'keyword', index: false },
    name: 'text',
    keywords: 'text',
    category: 'keyword',
    subcategory: 'keyword',
    picture: 'image',
    spoken: 'audio',
  },
  vectors: {
    meaning: { from: ['name', 'keywords'], encoder: 'text:use-lite' },
    words: { from: ['name', 'keywords'], encoder: 'bow:english' },
    look: { from: ['picture'], encoder: 'image:mobilenet-v2' },
    sound: { from: ['spoken'], encoder: 'audio:speech' },
  },
} as const satisfies SchemaInput;

/** One search of the demo, and what is shown beside its hits. */
export interface Question {
  readonly title: string;
  readonly query: Query<typeof SCHEMA>;
  /** What was asked with: a text, the path of a picture, the path of a clip. */
  readonly text?: string;
  readonly picture?: string;
  readonly clip?: string;
  readonly note?: string;
}

export const QUESTIONS: readonly Question[] = [
  byMeaning('staying dry in the rain'),
  byMeaning('I need to wake up'),
  byWords('red heart'),
  byPicture('car'),
  byPicture('apple'),
  byVoice('rocket'),
  byVoice('penguin'),
  everything(),
];

function byMeaning(text: string): Question {
  return { title: 'By meaning', text, query: { near: { vector: 'meaning', text } } };
}

function byWords(text: string): Question {
  return { title: 'By words', text, query: { near: { vector: 'words', text } } };
}

function byPicture(name: string): Question {
  const picture = drawing(name);
  return {
    title: 'By picture',
    picture,
    note: `drawings/${name}.png`,
    query: { near: { vector: 'look', image: picture } },
  };
}

function byVoice(id: string): Question {
  const clip = askedClip(id);
  return {
    title: 'By voice',
    clip,
    note: `“${id}”, by another voice`,
    query: { near: { vector: 'sound', audio: clip } },
  };
}

/** Four legs of equal weight, none of which says it all. */
function everything(): Question {
  const text = 'sweet fruit for a hot day';
  const picture = drawing('watermelon');
  const clip = askedClip('watermelon');
  return {
    title: 'All together',
    text,
    picture,
    clip,
    note: 'only Food & Drink',
    query: {
      near: [
        { vector: 'meaning', text, weight: 1 },
        { vector: 'words', text, weight: 1 },
        { vector: 'look', image: picture, weight: 1 },
        { vector: 'sound', audio: clip, weight: 1 },
      ],
      filter: { category: 'Food & Drink' },
    },
  };
}
