import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', 'ARCHITECTURE.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

/** Below the root, so that the blocks find the packages as an app would. */
mkdirSync(join(root, '.build'), { recursive: true });
const folder = mkdtempSync(join(root, '.build', 'docs-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

for (const page of pages.filter((name) => name.endsWith('.md'))) {
  const blocks = codeBlocks(readFileSync(join(root, page), 'utf8'));
  for (const [i, { code, output, line }] of blocks.entries()) {
    t.test(
      `${page}, line ${line}: the code runs${output === undefined ? '' : ' and prints what is shown'}`,
      async (t) => {
        const own = mkdtempSync(join(folder, 'block-'));
        symlinkSync(join(root, 'examples'), join(own, 'examples'), 'junction');
        writeFileSync(join(own, `block${i}.mjs`), code);
        const { stdout, stderr } = await promisify(execFile)(process.execPath, [`block${i}.mjs`], { cwd: own });
        t.equal(stderr, '');
        if (output !== undefined) t.equal(stdout, output);
      },
    );
  }
}

/** The ```js blocks of a page, each with the ```text block that follows it at once. */
function codeBlocks(text: string): { code: string; output: string | undefined; line: number }[] {
  const pattern = /^```js\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm;
  return [...text.matchAll(pattern)].map((match) => ({
    code: match[1],
    output: match[2],
    line: text.slice(0, match.index).split('\n').length,
  }));
}
