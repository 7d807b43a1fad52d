const ISO_8601 =
  /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?))?$/;

const MINUTE = 60_000;

/**
 * Epoch milliseconds of an ISO 8601 text (ISO 8601-1:2019, calendar dates in the extended format), or undefined for one
 * that is invalid or ambiguous: a day that the month does not have, a time without `Z` or an offset. A date alone is
 * midnight UTC. Fractions of a millisecond are cut off, as Date does.
 */
export function parseDatetime(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (match === null) return undefined;
  const [, year = '', month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  if (year === '-000000') return undefined;
  const offset = zoneMinutes(zone);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || offset === undefined) return undefined;
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  date.setUTCHours(Number(hour), Number(minute), Number(second), milliseconds);
  // Through Date once more, because the offset may lead out of its range.
  const time = new Date(date.getTime() - offset * MINUTE).getTime();
  return Number.isNaN(time) ? undefined : time;
}

function zoneMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (hours * 60 + minutes) * (zone.startsWith('-') ? -1 : 1);
}
