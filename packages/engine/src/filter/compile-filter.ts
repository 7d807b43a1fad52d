import { compileCondition } from './compile-condition.js';
import type { Condition, Filter } from './filter-node.js';
import { reach } from './reach.js';

/** Whether a row, by its number in a segment, passes. */
export type RowTest = (row: number) => boolean;

/** Reads the stored value of one field for a row; undefined or null when it is missing. */
export type RowReader = (row: number) => unknown;

/**
 * Compiles a parsed filter to a test of rows. `bind` is called once for each top-level field that the filter reads; its
 * reader gives the value in the field's stored form: a datetime as Date or epoch milliseconds, geo as [longitude,
 * latitude] in degrees, keyword[] as an array of strings. It must read own properties only. The test neither allocates
 * nor validates.
 */
export function compileFilter(filter: Filter, bind: (field: string) => RowReader): RowTest {
  const readers = new Map<string, RowReader>();
  const bindOnce = (field: string): RowReader => {
    const reader = readers.get(field) ?? bind(field);
    readers.set(field, reader);
    return reader;
  };
  return compile(filter, bindOnce);
}

function compile(filter: Filter, bind: (field: string) => RowReader): RowTest {
  switch (filter.kind) {
    case 'all':
      return () => true;
    case 'none':
      return () => false;
    case 'and':
      return every(filter.children.map((child) => compile(child, bind)));
    case 'or':
      return some(filter.children.map((child) => compile(child, bind)));
    case 'not': {
      const test = compile(filter.child, bind);
      return (row) => !test(row);
    }
    default:
      return compileLeaf(filter, bind);
  }
}

function compileLeaf(condition: Condition, bind: (field: string) => RowReader): RowTest {
  const { field, keys } = condition.target;
  const read = bind(field);
  const test = compileCondition(condition);
  if (keys.length === 0) return (row) => test(read(row));
  return (row) => reach(read(row), keys, 0, test);
}

function every(tests: readonly RowTest[]): RowTest {
  return (row) => {
    for (let at = 0; at < tests.length; at++) {
      if (!tests[at]!(row)) return false;
    }
    return true;
  };
}

function some(tests: readonly RowTest[]): RowTest {
  return (row) => {
    for (let at = 0; at < tests.length; at++) {
      if (tests[at]!(row)) return true;
    }
    return false;
  };
}
