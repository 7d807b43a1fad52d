import type Database from 'better-sqlite3';
import { parseMachineTimes, type MachineTimes } from '../indexes/index.js';

/** The machines that the file was measured on. It is no part of the data: what cannot be read counts for nothing. */
export function readMachines(sql: Database.Database): Map<string, MachineTimes> {
  const machines = new Map<string, MachineTimes>();
  try {
    for (const [machine, json] of sql.prepare('SELECT machine, times FROM nf_machines').raw().iterate() as Iterable<
      [string, string]
    >) {
      const times = parseMachineTimes(parsed(json));
      if (times !== undefined) machines.set(machine, times);
    }
  } catch {
    // As if there were no more.
  }
  return machines;
}

/** Keeps what was measured on a machine, in the place of what was kept of it before. Throws SQLite's own errors. */
export function keepMachine(sql: Database.Database, machine: string, times: MachineTimes): void {
  sql.prepare('INSERT OR REPLACE INTO nf_machines (machine, times) VALUES (?, ?)').run(machine, JSON.stringify(times));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
