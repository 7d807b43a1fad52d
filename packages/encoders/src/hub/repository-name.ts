import { NearfieldError, describe } from '@nearfield/engine/encoder';
import { isAbsolute } from 'node:path';

/** Where the files of a model are: a repository of a hub at a revision, or a folder. */
export type RepositoryName =
  | { readonly kind: 'hub'; readonly repository: string; readonly revision: string }
  | { readonly kind: 'folder'; readonly folder: string };

/** What the hub allows: letters, digits, `-`, `_` and `.`, with or without an organization before it. */
const REPOSITORY = /^(?:[\w-][\w.-]*\/)?[\w-][\w.-]*$/;
const REVISION = /^[\w][\w./+-]*$/;
const DEFAULT_REVISION = 'main';

/**
 * Reads `repository`, `org/repository` or either with `@revision` (a branch, a tag or a commit; default `main`); what
 * begins with `./`, `../` or is an absolute path is a folder. Throws INVALID_ARGUMENT.
 */
export function parseRepositoryName(name: string): RepositoryName {
  if (/^\.{1,2}[/\\]/.test(name) || isAbsolute(name)) return { kind: 'folder', folder: name };
  const at = name.indexOf('@');
  const repository = at < 0 ? name : name.slice(0, at);
  const revision = at < 0 ? DEFAULT_REVISION : name.slice(at + 1);
  const valid =
    REPOSITORY.test(repository) && REVISION.test(revision) && !repository.includes('..') && !revision.includes('..');
  if (valid) return { kind: 'hub', repository, revision };
  throw new NearfieldError('INVALID_ARGUMENT', 'This is not the name of a model repository', {
    expected: 'organization/repository, optionally with @revision, or the path of a folder',
    received: describe(name),
  });
}
