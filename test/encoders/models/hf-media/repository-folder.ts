import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import type { HubFiles } from '../../hub/hub-server.js';

/** Writes a repository to a new folder, which goes with the test, and gives its path. */
export function repositoryFolder(t: Test, files: HubFiles): string {
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-model-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
