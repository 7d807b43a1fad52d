import { cachedRepositories, models as allModels, type CachedRepository, type ModelInfo } from '@nearfield/encoders';
import { EXIT, type ExitCode } from './exit-code.js';
import { sizeText } from './terminal/amounts.js';
import { fitWidth } from './terminal/display-width.js';
import { outputColumns, printJson, printLines } from './terminal/output.js';
import { table } from './terminal/table.js';

/** Names that stand for encoders without number. */
const FAMILIES = [
  'Any ONNX model in the layout of Hugging Face, from the hub or a folder:',
  '    text:hf/<org>/<repo>, image:hf/<org>/<repo>, audio:hf/<org>/<repo>',
  'Any service with the OpenAI-compatible embeddings protocol:',
  '    text:http',
];

/** `nearfield models`: the encoders that a schema may name, with the size, licence and state of their models. */
export async function models({ json }: { readonly json?: boolean }): Promise<ExitCode> {
  const [known, downloaded] = await Promise.all([allModels(), cachedRepositories()]);
  const width = outputColumns();
  if (json === true) printJson({ models: known, downloaded });
  else printLines([...modelLines(known, width), '', ...FAMILIES, ...downloadedLines(downloaded, width)]);
  return EXIT.done;
}

/** A line a model, and under it what it is for. */
export function modelLines(known: readonly ModelInfo[], width: number): string[] {
  const columns = [
    { heading: 'encoder' },
    { heading: 'takes' },
    { heading: 'dimensions', align: 'right' },
    { heading: 'size', align: 'right' },
    { heading: 'licence' },
    { heading: 'state' },
  ] as const;
  const rows = known.map(({ name, accepts, output, bytes, licence, state }) => [
    name,
    accepts.join(', '),
    output.kind === 'sparse' ? 'sparse' : String(output.dimensions),
    bytes === undefined ? '-' : sizeText(bytes),
    licence,
    state,
  ]);
  const [heading, ...lines] = table(columns, rows, width);
  return [heading, ...lines.flatMap((line, i) => [line, fitWidth(`    ${known[i].description}`, width)])];
}

/** What a hub gave so far: repositories to name behind `text:hf/` and the like, which need no network any more. */
function downloadedLines(downloaded: readonly CachedRepository[], width: number): string[] {
  if (downloaded.length === 0) return [];
  const columns = [
    { heading: 'downloaded from a hub' },
    { heading: 'size', align: 'right' },
    { heading: 'commit' },
  ] as const;
  const rows = downloaded.map(({ repository, commit, bytes }) => [repository, sizeText(bytes), commit.slice(0, 12)]);
  return ['', ...table(columns, rows, width)];
}
