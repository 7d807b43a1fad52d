import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-code.js';
import { createProgram } from './program.js';
import { failureText } from './terminal/failure-text.js';
import { UsageError } from './usage-error.js';

/** Runs one command line and says how it ended. Prints every error; throws none. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  try {
    await createProgram((exit) => (code = exit)).parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed its own.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof UsageError) {
      process.stderr.write(`nearfield: ${error.message}\n`);
      return EXIT.usage;
    }
    process.stderr.write(`${failureText(error)}\n`);
    return EXIT.failed;
  }
}

// A reader such as `head` may close the pipe when it has enough; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
});
process.exitCode = await run(process.argv.slice(2));
