import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The engine's layers from the bottom up; folders of one layer may not import each other's layer-mates in a cycle. */
const LAYERS: readonly (readonly string[])[] = [
  ['errors'],
  ['schema', 'distance'],
  ['filter'],
  ['encoder'],
  ['indexes'],
  ['workers'],
  ['store'],
  ['segment'],
  ['ingest', 'query'],
  ['plan'],
  ['execute'],
  ['fuse'],
  ['hydrate'],
  ['collection'],
  ['database'],
  ['index'],
];

/** Files at the top of the engine that belong to the layer of the file that they serve. */
const TOP_LEVEL: Readonly<Record<string, string>> = {
  'collection-core.ts': 'collection',
  'collection-search.ts': 'collection',
  'collection-analyze.ts': 'collection',
  'collection-records.ts': 'collection',
  'collection-explain.ts': 'collection',
  'stats.ts': 'collection',
  'operations.ts': 'collection',
  'call-options.ts': 'collection',
  'deadline.ts': 'collection',
  'skipped-records.ts': 'collection',
  'sampled-searches.ts': 'collection',
  'recall-checks.ts': 'collection',
  'collection.ts': 'collection',
  'default-registry.ts': 'database',
  'database.ts': 'database',
  'index.ts': 'index',
};

const FORBIDDEN_FOLDERS = ['utils', 'common', 'base', 'helpers', 'types'];
const MEDIAN_LINES = 150;
const FILE_LINES = 500;
const FUNCTION_LINES = 60;
/** Functions that are longer and better whole, as `file:function`. */
const LONG_FUNCTIONS: readonly string[] = [];

const files = readdirSync(join(root, 'packages'))
  .flatMap((name) =>
    readdirSync(join(root, 'packages', name, 'src'), { recursive: true }).map((path) =>
      join(root, 'packages', name, 'src', String(path)),
    ),
  )
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .sort();
const parsed = new Map(files.map((path) => [path, parse(path)]));

t.test('no import leads up the layers of the engine', async (t) => {
  for (const [file, { imports }] of parsed) {
    for (const target of imports) {
      const [from, to] = [layerOf(file), layerOf(target)];
      if (from === undefined || to === undefined) continue;
      t.ok(to <= from, `${show(file)} (layer ${LAYERS[from]}) may import ${show(target)} (layer ${LAYERS[to]})`);
    }
  }
});

t.test('every file of the engine belongs to a layer', async (t) => {
  for (const file of parsed.keys()) {
    if (show(file).startsWith('packages/engine/')) t.ok(layerOf(file) !== undefined, show(file));
  }
});

t.test('no files import each other in a circle', async (t) => {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) {
      t.fail(`a circle: ${[...path.slice(path.indexOf(file)), file].map(show).join(' -> ')}`);
      return;
    }
    if (done.has(file)) return;
    for (const target of parsed.get(file)?.imports ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of parsed.keys()) visit(file, []);
  t.equal(done.size, parsed.size);
});

t.test('plan sees no vector and no store, and workers alone know threads', async (t) => {
  for (const [file, { imports, packages }] of parsed) {
    const name = show(file);
    if (name.startsWith('packages/engine/src/plan/')) {
      t.notOk(
        imports.some((target) => /src\/(store|execute|distance)\//.test(show(target))),
        name,
      );
    }
    const threads = packages.some((specifier) => specifier === 'piscina' || specifier === 'node:worker_threads');
    if (name.startsWith('packages/engine/') && !name.startsWith('packages/engine/src/workers/')) t.notOk(threads, name);
  }
});

t.test('packages import each other only in the one direction', async (t) => {
  for (const [file, { packages }] of parsed) {
    const name = show(file);
    const ours = packages.filter((specifier) => specifier.startsWith('@nearfield/'));
    if (name.startsWith('packages/engine/')) t.same(ours, [], name);
    if (name.startsWith('packages/encoders/'))
      t.notOk(
        ours.some((specifier) => specifier !== '@nearfield/engine/encoder'),
        name,
      );
  }
});

t.test('files and functions stay within the size budget', async (t) => {
  const lengths = [...parsed.values()].map(({ lines }) => lines).sort((a, b) => a - b);
  t.ok(lengths[lengths.length >> 1] <= MEDIAN_LINES, `median of ${lengths[lengths.length >> 1]} lines`);
  for (const [file, { lines, functions }] of parsed) {
    t.ok(lines <= FILE_LINES, `${show(file)} has ${lines} lines`);
    for (const { name, length } of functions) {
      if (length <= FUNCTION_LINES || LONG_FUNCTIONS.includes(`${show(file)}:${name}`)) continue;
      t.fail(`${show(file)}:${name} has ${length} lines`);
    }
  }
});

t.test('folders are named after what they hold', async (t) => {
  for (const file of parsed.keys()) {
    t.notOk(
      show(file)
        .split('/')
        .some((part) => FORBIDDEN_FOLDERS.includes(part.replace(/\.ts$/, ''))),
      show(file),
    );
  }
});

function layerOf(file: string): number | undefined {
  const match = /^packages\/engine\/src\/(.+)$/.exec(show(file));
  if (match === null) return undefined;
  const [folder, ...rest] = match[1].split('/');
  const layer = rest.length === 0 ? TOP_LEVEL[folder] : folder;
  const index = LAYERS.findIndex((names) => names.includes(layer));
  return index < 0 ? undefined : index;
}

interface ParsedFile {
  imports: string[];
  packages: string[];
  lines: number;
  functions: { name: string; length: number }[];
}

function parse(path: string): ParsedFile {
  const text = readFileSync(path, 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const file: ParsedFile = { imports: [], packages: [], lines: text.split('\n').length, functions: [] };
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      const specifier = (node.moduleSpecifier as ts.StringLiteral).text;
      if (specifier.startsWith('.')) file.imports.push(resolve(dirname(path), specifier.replace(/\.js$/, '.ts')));
      else file.packages.push(specifier);
    }
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const name = node.name?.getText(source) ?? 'anonymous';
      file.functions.push({ name, length: lineOf(node.end) - lineOf(node.getStart(source)) + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return file;
}

function show(file: string): string {
  return relative(root, file).split(sep).join('/');
}
