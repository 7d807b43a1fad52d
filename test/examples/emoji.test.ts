import { open } from '@nearfield/engine';
import t from 'tap';
import type { Answer } from '../../examples/dist/emoji/answer.js';
import { contactSheetHtml } from '../../examples/dist/emoji/contact-sheet-html.js';
import { contactSheetPng } from '../../examples/dist/emoji/contact-sheet-png.js';
import { answer, answerLines, missingFrom, openEmoji, spokenFound } from '../../examples/dist/emoji/demo.js';
import { QUESTIONS } from '../../examples/dist/emoji/questions.js';
import { readEmoji } from '../../examples/dist/emoji/records.js';

t.test('there are some 1 900 emoji, each with a name, keywords and a picture, and 64 are spoken', async (t) => {
  const records = readEmoji();
  t.ok(records.length >= 1900, `${records.length}`);
  t.equal(new Set(records.map(({ id }) => id)).size, records.length);
  t.ok(records.every(({ name, keywords }) => name !== '' && keywords !== ''));
  t.equal(records.filter(({ spoken }) => spoken !== undefined).length, 64);
  t.match(
    records.find(({ id }) => id === 'umbrella'),
    { emoji: '☂️', category: 'Travel & Places' },
  );
});

t.test('the demo in small finds by meaning, words, picture, voice and all together', async (t) => {
  const wanted = [
    'umbrella',
    'watermelon',
    'apple',
    'rocket',
    'penguin',
    'car',
    'dog',
    'heart',
    'pizza',
    'alarm_clock',
  ];
  const some = readEmoji().filter(({ id }) => wanted.includes(id));
  const records = new Map(some.map((record) => [record.id, record]));
  t.equal(records.size, wanted.length);
  await using db = await open(':memory:');
  const collection = await openEmoji(db);
  await collection.upsert(some);
  t.strictSame(await missingFrom(collection, some), []);

  const answers: Answer[] = [];
  for (const question of QUESTIONS) answers.push(await answer(collection, question, records));
  const firsts = answers.map(({ question, hits }) => [question.title, hits[0].name]);
  t.strictSame(firsts, [
    ['By meaning', 'umbrella'],
    ['By meaning', 'alarm clock'],
    ['By words', 'heavy black heart'],
    ['By picture', 'automobile'],
    ['By picture', 'red apple'],
    ['By voice', 'rocket'],
    ['By voice', 'penguin'],
    ['All together', 'watermelon'],
  ]);
  t.match(answerLines(answers[5])[0], /^ 1\. \d\.\d{3} {2}🚀 {2}rocket$/);
  t.match(await spokenFound(collection, some), { found: 7, of: 7 });

  const html = await contactSheetHtml(answers);
  t.notOk(/(?:src|href)="(?!data:)/.test(html), 'the page needs no other file');
  t.ok(html.includes('staying dry in the rain'));
  const png = await contactSheetPng(answers);
  t.same([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  t.ok(width > 500 && height > 500, `${width} x ${height}`);
  t.ok(png.length < 400_000, `${png.length} bytes`);
});
