import { NearfieldError } from '@nearfield/engine/encoder';

/** How to reach the hub, from the environment variables that the hub's own clients read. */
export interface HubEnvironment {
  /** HF_ENDPOINT: address of the hub or of a mirror, without a slash at its end. */
  readonly endpoint: string;
  /** HF_TOKEN: sent to the endpoint only, and never stored. */
  readonly token: string | undefined;
  /** HF_HUB_OFFLINE: use what was downloaded before, and ask nobody. */
  readonly offline: boolean;
}

const HUB = 'https://huggingface.co';

/** Reads HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE. Throws INVALID_ARGUMENT for an endpoint that is no http(s) address. */
export function hubEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): HubEnvironment {
  const endpoint = (env.HF_ENDPOINT || HUB).replace(/\/+$/, '');
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new NearfieldError('INVALID_ARGUMENT', 'HF_ENDPOINT is not the address of a hub', {
      expected: 'http:// or https:// without a user name or password',
      remedy: `Unset HF_ENDPOINT to use ${HUB}.`,
      field: 'HF_ENDPOINT',
    });
  }
  const offline = ['1', 'on', 'true', 'yes'].includes((env.HF_HUB_OFFLINE ?? '').trim().toLowerCase());
  return { endpoint, token: env.HF_TOKEN?.trim() || undefined, offline };
}
