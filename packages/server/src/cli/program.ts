import { Command, Option } from 'commander';
import { readFileSync } from 'node:fs';
import type { CountOptions } from './count.js';
import type { ExitCode } from './exit-code.js';
import type { FacetsOptions } from './facets.js';
import type { IngestOptions } from './ingest.js';
import { integerOption, jsonObjectOption } from './option-parsers.js';
import type { OptimizeOptions } from './optimize.js';
import type { SearchOptions } from './search.js';
import type { ServeOptions } from './serve.js';

/** Port of `serve`, when none is given. */
const DEFAULT_PORT = 7350;
const DEFAULT_BODY_LIMIT = 64;
const MOST_THREADS = 64;
/** In mebibytes. */
const MOST_MEMORY = 1024 * 1024 * 1024;

/** The command line. Commands are loaded when they are run, so that help and mistakes cost no start of the engine. */
export function createProgram(exit: (code: ExitCode) => void): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  // Settings of the program are inherited by the commands that are added after them.
  const program = new Command('nearfield')
    .description('Search texts, images and sounds in one file')
    .version(version)
    .exitOverride()
    .configureHelp({ subcommandTerm: commandTerm })
    .showHelpAfterError('(--help shows what there is)');
  addIngest(program, exit);
  addSearch(program, exit);
  addCount(program, exit);
  addFacets(program, exit);
  addInfo(program, exit);
  addOptimize(program, exit);
  addModels(program, exit);
  addServe(program, exit);
  return program;
}

/** A command with its arguments; that it has options goes without saying, and 80 columns are few. */
function commandTerm(command: Command): string {
  const names = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...names].join(' ');
}

function addIngest(program: Command, exit: (code: ExitCode) => void): void {
  program
    .command('ingest <db> <collection> <paths...>')
    .description('add texts, images, sounds, JSON Lines, CSV and folders of them; - is the standard input')
    .option('--id <field>', 'field that holds the id of a record (default: id or _id)')
    .option('--schema <file>', 'JSON file with the schema of a new collection (default: inferred)')
    .addOption(
      new Option('--on-error <what>', 'what to do about a broken line or file')
        .choices(['stop', 'skip'])
        .default('stop'),
    )
    .option('--json', 'print the result as JSON')
    .action(async (db: string, collection: string, paths: string[], options: IngestOptions) => {
      const { ingest } = await import('./ingest.js');
      exit(await ingest(db, collection, paths, options));
    });
}

function addSearch(program: Command, exit: (code: ExitCode) => void): void {
  program
    .command('search <db> <collection> [text]')
    .description('find records by a text, an image, a sound, a filter, or all together')
    .option('--image <file>', 'image to be near to')
    .option('--audio <file>', 'sound to be near to')
    .option('--filter <json>', 'filter, such as \'{"year":{"$gte":1990}}\'', jsonObjectOption)
    .option('--limit <n>', 'hits to show', integerOption(1, 100_000), 10)
    .option('--json', 'print the result as JSON')
    .option('--explain', 'print the plan instead of running it')
    .option('--analyze', 'run it, and print what each part of the plan came to')
    .action(async (db: string, collection: string, text: string | undefined, options: SearchOptions) => {
      const { search } = await import('./search.js');
      exit(await search(db, collection, text, options));
    });
}

function addCount(program: Command, exit: (code: ExitCode) => void): void {
  program
    .command('count <db> <collection>')
    .description('count the records of a collection, or those that match a filter')
    .option('--filter <json>', 'filter, such as \'{"year":{"$gte":1990}}\'', jsonObjectOption)
    .option('--json', 'print the result as JSON')
    .action(async (db: string, collection: string, options: CountOptions) => {
      const { count } = await import('./count.js');
      exit(await count(db, collection, options));
    });
}

function addFacets(program: Command, exit: (code: ExitCode) => void): void {
  program
    .command('facets <db> <collection> <field>')
    .description('show the most frequent values of a field, with the number of records that have each')
    .option('--filter <json>', 'records to count in, such as \'{"year":{"$gte":1990}}\'', jsonObjectOption)
    .option('--limit <n>', 'values to show', integerOption(1, 100_000), 20)
    .option('--json', 'print the result as JSON')
    .action(async (db: string, collection: string, field: string, options: FacetsOptions) => {
      const { facets } = await import('./facets.js');
      exit(await facets(db, collection, field, options));
    });
}

function addInfo(program: Command, exit: (code: ExitCode) => void): void {
  program
    .command('info <db>')
    .description('show the collections of a database, their counts, vectors and sizes')
    .option('--json', 'print the result as JSON')
    .action(async (db: string, options: { readonly json?: boolean }) => {
      const { info } = await import('./info.js');
      exit(await info(db, options));
    });
}

function addOptimize(program: Command, exit: (code: ExitCode) => void): void {
  const command = program
    .command('optimize <db>')
    .description('seal and merge vectors in graphs, and shrink the file, now')
    .option('--json', 'print the result as JSON');
  addOpening(command).action(async (db: string, options: OptimizeOptions) => {
    const { optimize } = await import('./optimize.js');
    exit(await optimize(db, options));
  });
}

function addModels(program: Command, exit: (code: ExitCode) => void): void {
  program
    .command('models')
    .description('list the encoders, with the size, licence and state of their models')
    .option('--json', 'print the result as JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const { models } = await import('./models.js');
      exit(await models(options));
    });
}

function addOpening(command: Command): Command {
  return command
    .option('--threads <n>', 'threads (default: as many as run at once)', integerOption(1, MOST_THREADS))
    .option(
      '--memory-budget <mebibytes>',
      'memory that vector indexes may hold (default: 60 % of what there is)',
      integerOption(1, MOST_MEMORY),
    );
}

function addServe(program: Command, exit: (code: ExitCode) => void): void {
  const command = program
    .command('serve <db>')
    .description('answer HTTP requests until interrupted')
    .option('--port <n>', 'port to listen on, 0 for a free one', integerOption(0, 65_535), DEFAULT_PORT)
    .option('--host <host>', 'address to listen on; other than the loopback only with an API key', '127.0.0.1')
    .addOption(new Option('--api-key <key>', 'key that requests must carry').env('NEARFIELD_API_KEY'))
    .option('--body-limit <mebibytes>', 'longest body of a request', integerOption(1, 1024), DEFAULT_BODY_LIMIT)
    .option('--allow-local-paths', 'let clients name images and sounds by paths on this machine')
    .option('--allow-models', 'let clients name models of the hub, of folders, and of services in schemas')
    .option('--read-only', 'refuse writes, so that another process may write')
    .option('--json', 'print the address as JSON');
  addOpening(command).action(async (db: string, options: ServeOptions) => {
    const { serve } = await import('./serve.js');
    exit(await serve(db, options));
  });
}
