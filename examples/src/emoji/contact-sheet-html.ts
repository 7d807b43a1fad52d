import type { Answer, ShownHit } from './answer.js';
import { dataUrl, escaped } from './data-url.js';

const STYLE = `
  body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
  section { display: flex; gap: 1rem; border-top: 1px solid #ddd; padding: 1rem 0; }
  .question { flex: 0 0 15rem; }
  .question h2 { font-size: 1rem; margin: 0 0 .4rem; color: #2b5fae; }
  .question img { width: 80px; display: block; }
  .question audio { width: 14rem; height: 2rem; }
  .question p, figcaption { margin: .3rem 0; }
  .hits { display: flex; flex-wrap: wrap; gap: .5rem; }
  figure { width: 8rem; margin: 0; text-align: center; font-size: .8rem; }
  figure img { width: 64px; }
  .score { color: #777; }`;

/** Queries and hits as a page that needs no other file. */
export async function contactSheetHtml(answers: readonly Answer[]): Promise<string> {
  const sections = await Promise.all(answers.map(sectionOf));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Emoji found by Nearfield</title>
<style>${STYLE}
</style>
<h1>Emoji found by Nearfield</h1>
${sections.join('\n')}
</html>
`;
}

async function sectionOf({ question, hits }: Answer): Promise<string> {
  const { title, text, picture, clip, note } = question;
  const figures = await Promise.all(hits.map(figureOf));
  const asked = [
    `<h2>${escaped(title)}</h2>`,
    text !== undefined && `<p>“${escaped(text)}”</p>`,
    picture !== undefined && `<img src="${await dataUrl(picture)}" alt="">`,
    clip !== undefined && `<audio controls src="${await dataUrl(clip)}"></audio>`,
    note !== undefined && `<p class="score">${escaped(note)}</p>`,
  ];
  return `<section>
<div class="question">${asked.filter((part) => part !== false).join('')}</div>
<div class="hits">
${figures.join('\n')}
</div>
</section>`;
}

async function figureOf({ name, picture, score, legs }: ShownHit): Promise<string> {
  const source = await dataUrl(picture);
  return `<figure title="${escaped(legs)}"><img src="${source}" alt=""><figcaption>${escaped(name)}<br><span class="score">${score.toFixed(3)}</span></figcaption></figure>`;
}
