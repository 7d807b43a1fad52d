import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
// oxlint-disable-next-line import/default -- Node loads its CommonJS build, whose only export is the default
import opentype, { type Font } from 'opentype.js';
import sharp from 'sharp';
import type { Answer, ShownHit } from './answer.js';
import { dataUrl } from './data-url.js';

const MARGIN = 24;
const ROW_HEIGHT = 124;
const QUESTION_WIDTH = 270;
const HIT_WIDTH = 112;
const PICTURE = 64;
const TEXT_COLOUR = '#222';
const QUIET_COLOUR = '#777';
const TITLE_COLOUR = '#2b5fae';

/** Queries and hits as a picture, at most so many colours that it stays small. */
export async function contactSheetPng(answers: readonly Answer[]): Promise<Buffer> {
  const sheet = new Sheet(await loadFont());
  for (const [row, answer] of answers.entries()) await sheet.add(answer, MARGIN + row * ROW_HEIGHT);
  const columns = Math.max(...answers.map(({ hits }) => hits.length));
  const svg = sheet.svg(2 * MARGIN + QUESTION_WIDTH + columns * HIT_WIDTH, 2 * MARGIN + answers.length * ROW_HEIGHT);
  return sharp(Buffer.from(svg)).png({ palette: true, colours: 256, effort: 10 }).toBuffer();
}

/** Letters are drawn from a font of our own: the machine may have none. */
async function loadFont(): Promise<Font> {
  const path = createRequire(import.meta.url).resolve('@fontsource/open-sans/files/open-sans-latin-600-normal.woff');
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return opentype.parse(buffer.slice(byteOffset, byteOffset + byteLength));
}

class Sheet {
  readonly #parts: string[] = [];

  constructor(private readonly font: Font) {}

  /** A row: the question at the left, its hits beside it. */
  async add({ question, hits }: Answer, top: number): Promise<void> {
    const { title, text, picture, clip, note } = question;
    this.#parts.push(`<path d="M${MARGIN} ${top - 6}h${QUESTION_WIDTH + hits.length * HIT_WIDTH}" stroke="#ddd"/>`);
    this.#text(title, MARGIN, top + 18, 15, TITLE_COLOUR);
    let y = top + 38;
    for (const [line, colour] of [
      [text && `“${text}”`, TEXT_COLOUR],
      [note, QUIET_COLOUR],
    ]) {
      if (line === undefined) continue;
      this.#text(line, MARGIN, y, 12.5, colour!, QUESTION_WIDTH - 16);
      y += 17;
    }
    let x = MARGIN;
    if (picture !== undefined) {
      await this.#picture(picture, x, y - 8, 48);
      x += 60;
    }
    if (clip !== undefined) this.#speaker(x, y - 4);
    for (const [column, hit] of hits.entries()) await this.#hit(hit, MARGIN + QUESTION_WIDTH + column * HIT_WIDTH, top);
  }

  svg(width: number, height: number): string {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<rect width="100%" height="100%" fill="#fff"/>${this.#parts.join('')}</svg>`
    );
  }

  async #hit({ name, picture, score }: ShownHit, left: number, top: number): Promise<void> {
    await this.#picture(picture, left + (HIT_WIDTH - PICTURE) / 2, top + 4, PICTURE);
    this.#centred(name, left, top + 84, TEXT_COLOUR);
    this.#centred(score.toFixed(3), left, top + 100, QUIET_COLOUR);
  }

  async #picture(path: string, x: number, y: number, size: number): Promise<void> {
    this.#parts.push(`<image href="${await dataUrl(path)}" x="${x}" y="${y}" width="${size}" height="${size}"/>`);
  }

  #speaker(x: number, y: number): void {
    this.#parts.push(
      `<path transform="translate(${x} ${y})" d="M2 13h8l12-10v34L10 27H2z" fill="#555"/>` +
        `<path transform="translate(${x} ${y})" d="M28 12a11 11 0 0 1 0 16M34 6a20 20 0 0 1 0 28" fill="none" stroke="#555" stroke-width="3" stroke-linecap="round"/>`,
    );
  }

  #centred(text: string, left: number, baseline: number, colour: string): void {
    const fitted = this.#fitted(text, 11, HIT_WIDTH - 6);
    const x = left + (HIT_WIDTH - this.font.getAdvanceWidth(fitted, 11)) / 2;
    this.#text(fitted, x, baseline, 11, colour);
  }

  #text(text: string, x: number, baseline: number, size: number, colour: string, width = Infinity): void {
    const path = this.font.getPath(this.#fitted(text, size, width), x, baseline, size);
    this.#parts.push(`<path d="${path.toPathData(1)}" fill="${colour}"/>`);
  }

  /** The text, cut with an ellipsis where it would be wider. */
  #fitted(text: string, size: number, width: number): string {
    let fitted = text;
    while (fitted !== '…' && this.font.getAdvanceWidth(fitted, size) > width)
      fitted = `${fitted.slice(0, -2).trimEnd()}…`;
    return fitted;
  }
}
