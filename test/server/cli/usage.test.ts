import t from 'tap';
import { folderOf, nearfield } from './command-line.js';

const WRONG: [what: string, args: string[], err: RegExp][] = [
  ['no command', [], /Usage: nearfield/],
  ['an unknown command', ['ingst'], /Did you mean ingest\?/],
  ['no arguments', ['ingest'], /missing required argument 'db'/],
  ['an unknown option', ['search', 'a', 'b', 'c', '--limt', '3'], /Did you mean --limit\?/],
  ['a limit of zero', ['search', 'a', 'b', 'c', '--limit', '0'], /Expected an integer from 1/],
  ['a limit that is no number', ['search', 'a', 'b', 'c', '--limit', '1e1'], /Expected an integer/],
  ['a filter that is not JSON', ['search', 'a', 'b', 'c', '--filter', '{year'], /Expected JSON/],
  ['a filter that is no object', ['search', 'a', 'b', 'c', '--filter', '[]'], /Expected a JSON object/],
  ['neither text nor filter', ['search', 'a', 'b'], /A search needs a text/],
  ['another way to go on', ['ingest', 'a', 'b', 'c', '--on-error', 'cry'], /Allowed choices are stop, skip/],
  ['the standard input beside files', ['ingest', 'a', 'b', '-', 'c'], /standard input/],
  ['an open door', ['serve', 'a', '--host', '0.0.0.0'], /give --api-key/],
  ['an open door of IPv6', ['serve', 'a', '--host', '::'], /give --api-key/],
  ['an empty API key', ['serve', 'a', '--api-key', ''], /The API key is empty/],
  ['no thread', ['optimize', 'a', '--threads', '0'], /Expected an integer from 1 to 64/],
  ['a memory budget of no number', ['serve', 'a', '--memory-budget', '1GB'], /Expected an integer from 1/],
  ['a port beyond all', ['serve', 'a', '--port', '70000'], /Expected an integer from 0 to 65535/],
];

for (const [what, args, expected] of WRONG) {
  t.test(`a command line with ${what} exits with 2 and touches nothing`, async (t) => {
    const folder = await folderOf(t, {});
    const { code, out, err } = await nearfield(folder, args);
    t.equal(code, 2, err);
    t.match(err, expected);
    t.equal(out, '');
  });
}

for (const args of [['--help'], ['--version'], ['help', 'serve'], ['search', '--help']]) {
  t.test(`${args.join(' ')} exits with 0`, async (t) => {
    const { code, out, err } = await nearfield(await folderOf(t, {}), args);
    t.equal(code, 0);
    t.equal(err, '');
    t.match(out, /Usage|^\d+\.\d+\.\d+/);
  });
}
