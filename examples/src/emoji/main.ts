// Some 1 900 emoji, searched by meaning, by words, by picture, by voice, and by all of these within a category. Writes a
// contact sheet of queries and hits. A second run finds the database and goes straight to the searches.
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { open } from '@nearfield/engine';
import { timedIngest } from '../story/ingest.js';
import { heading, printLine } from '../story/print.js';
import type { Answer } from './answer.js';
import { contactSheetHtml } from './contact-sheet-html.js';
import { contactSheetPng } from './contact-sheet-png.js';
import { answer, answerLines, missingFrom, openEmoji, spokenFound } from './demo.js';
import { QUESTIONS, type Question } from './questions.js';
import { readEmoji } from './records.js';

const folder = fileURLToPath(new URL('../../.demo/', import.meta.url));
mkdirSync(folder, { recursive: true });
const records = new Map(readEmoji().map((record) => [record.id, record]));

await using db = await open(`${folder}emoji.nf`);
const emoji = await openEmoji(db);
const missing = await missingFrom(emoji, [...records.values()]);
if (missing.length === 0) {
  console.log(`${records.size} emoji are in ${db.path} already.`);
} else {
  console.log(`Ingesting ${missing.length} emoji, with names, keywords, pictures and spoken names, into ${db.path}`);
  await timedIngest('emoji', missing.length, (onProgress) => emoji.upsert(missing.values(), { onProgress }));
}
const answers: Answer[] = [];
for (const question of QUESTIONS) {
  heading(titleOf(question));
  const found = await answer(emoji, question, records);
  answers.push(found);
  for (const line of answerLines(found)) printLine(line);
}
const { found, of } = await spokenFound(emoji, records.values());
heading('By voice, all that are spoken');
console.log(`${found} of ${of} names are found first when another voice says them.`);

await writeFile(`${folder}contact-sheet.html`, await contactSheetHtml(answers));
await writeFile(`${folder}contact-sheet.png`, await contactSheetPng(answers));
heading('Contact sheet');
console.log(`${folder}contact-sheet.html\n${folder}contact-sheet.png`);
heading('Try next');
console.log(`npx nearfield search ${db.path} emoji "a long way to go"
npx nearfield search ${db.path} emoji --image examples/drawings/umbrella.png
npx nearfield search ${db.path} emoji --audio examples/clips/asked/volcano.opus --limit 3
npx nearfield search ${db.path} emoji "hot" --filter '{"category":"Food & Drink"}'
npx nearfield info ${db.path}
npm run demo:dictionary`);

function titleOf({ title, text, note }: Question): string {
  const parts = [text === undefined ? undefined : `"${text}"`, note].filter((part) => part !== undefined);
  return `${title}: ${parts.join(', ')}`;
}
