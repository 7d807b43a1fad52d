import { NearfieldError, describe, isPlainObject } from '@nearfield/engine/encoder';

/**
 * Reads one JSON file of a model's repository: each getter checks the type of a value that is there, and throws
 * MODEL_INVALID, naming the file and the key, for one that is not of it.
 */
export class ModelConfig {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @param file name of the file, and the path of keys within it, for messages */
  constructor(
    private readonly file: string,
    values: unknown,
  ) {
    if (!isPlainObject(values)) throw this.invalid('', 'an object', values);
    this.#values = values;
  }

  /** The object at `key`, empty when there is none. */
  section(key: string): ModelConfig {
    return new ModelConfig(`${this.file}: ${key}`, this.#values[key] ?? {});
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined && this.#values[key] !== null;
  }

  raw(key: string): unknown {
    return this.#values[key] ?? undefined;
  }

  text(key: string): string | undefined;
  text(key: string, fallback: string): string;
  text(key: string, fallback?: string): string | undefined {
    return this.#checked(key, fallback, 'a string', (value) => typeof value === 'string');
  }

  flag(key: string, fallback: boolean): boolean {
    return this.#checked(key, fallback, 'true or false', (value) => typeof value === 'boolean') as boolean;
  }

  number(key: string): number | undefined;
  number(key: string, fallback: number): number;
  number(key: string, fallback?: number): number | undefined {
    return this.#checked(key, fallback, 'a number', (value) => Number.isFinite(value));
  }

  /** A positive integer. */
  size(key: string): number | undefined;
  size(key: string, fallback: number): number;
  size(key: string, fallback?: number): number | undefined {
    return this.#checked(key, fallback, 'a positive integer', (value) => Number.isInteger(value) && Number(value) > 0);
  }

  numbers(key: string): readonly number[] | undefined {
    const isNumbers = (value: unknown): boolean => Array.isArray(value) && value.every(Number.isFinite);
    return this.#checked<readonly number[]>(key, undefined, 'a list of numbers', isNumbers);
  }

  invalid(key: string, expected: string, received: unknown): NearfieldError {
    const at = key === '' ? this.file : `${this.file}: ${key}`;
    return new NearfieldError('MODEL_INVALID', `The model's ${at} cannot be used`, {
      expected,
      received: describe(received),
      remedy: 'Use a model in the layout of Hugging Face with ONNX files, as transformers.js reads it.',
      field: key,
    });
  }

  #checked<T>(
    key: string,
    fallback: T | undefined,
    expected: string,
    test: (value: unknown) => boolean,
  ): T | undefined {
    const value = this.#values[key] ?? undefined;
    if (value === undefined) return fallback;
    if (!test(value)) throw this.invalid(key, expected, value);
    return value as T;
  }
}
