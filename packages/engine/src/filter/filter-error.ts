import { describe, NearfieldError } from '../errors/index.js';

/** Where in the filter something is wrong. */
export interface Place {
  /** The path as the caller wrote it. */
  field?: string;
  operator?: string;
}

/** An INVALID_FILTER error that names the field and the operator. Long names are shortened. */
export function invalidFilter(place: Place, what: string, expected: string, received: unknown, remedy?: string) {
  return new NearfieldError('INVALID_FILTER', `${describePlace(place)}: ${what}`, {
    ...place,
    expected,
    received: describe(received),
    ...(remedy !== undefined && { remedy }),
  });
}

export function describePlace({ field, operator }: Place): string {
  const where = field === undefined ? 'Filter' : `Filter on \`${shorten(field)}\``;
  return operator === undefined ? where : `${where}, ${shorten(operator)}`;
}

/** The keys of an object of a filter; one that is a symbol is refused, as it would go unheard. */
export function clauseKeys(input: object, place: Place): string[] {
  const [symbol] = Object.getOwnPropertySymbols(input);
  if (symbol !== undefined) throw invalidFilter(place, 'a key is a symbol', 'strings', symbol);
  return Object.keys(input);
}

export function shorten(name: string): string {
  return name.length > 100 ? `${name.slice(0, 97)}...` : name;
}
