/** A command line that asks for something contradictory; the command exits with 2, as for an unknown option. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
