import { plainText } from '../../../contracts/plain-text.ts';
import type { Problem } from '../../../contracts/problem.ts';
import { ProviderError } from '../../provider.ts';

/** The worker's setting that names the program. */
export const programVariable = 'OVHCLOUD_PATH';

const INSTALL = `Install ovhcloud (OVHcloud's releases, the image ovhcom/ovhcloud-cli, or Homebrew) and set ${programVariable} to its path.`;
const MEANWHILE = 'Until then resources are listed over the REST API, and marked so.';

export const missing = (file: string, code: string): Problem => ({
  code: 'ovhcloud_missing',
  message: `The ovhcloud program can't be started: ${file} (${code}).`,
  remedy: `${INSTALL} ${MEANWHILE}`,
});

export const releaseUnknown = (what: string): Problem => ({
  code: 'ovhcloud_dialect_unknown',
  message: `The ovhcloud program is of a release that Mooring does not know: ${what}.`,
  remedy: `Install a release that Mooring knows (0.5), or update Mooring. ${MEANWHILE}`,
});

/** With these problems the REST API is used instead; with any other the cloud has refused. */
export const programUnusableCodes: ReadonlySet<string> = new Set([missing('', '').code, releaseUnknown('').code]);

export const timedOut = (timeoutMs: number): ProviderError =>
  transient({
    code: 'listing_timed_out',
    message: `ovhcloud did not finish a list within ${Math.round(timeoutMs / 1000)} s and was ended.`,
    remedy: 'It is tried again by itself. If it persists, OVHcloud is slow, or the list is very long.',
  });

export const tooLarge = (maxBytes: number): ProviderError =>
  config({
    code: 'listing_too_large',
    message: `ovhcloud printed more than ${Math.round(maxBytes / 1_000_000)} MB for one list and was ended.`,
    remedy: 'Report it with the kind of resource: the limit is there to protect the worker.',
  });

export const killed = (signal: string): ProviderError =>
  transient({
    code: 'ovhcloud_killed',
    message: `ovhcloud was ended from outside by ${signal}.`,
    remedy: 'It is tried again by itself. If it persists, check whether the worker runs out of memory.',
  });

export const crashed = (panic: string): ProviderError =>
  transient({
    code: 'ovhcloud_crashed',
    message: `ovhcloud crashed on an answer of the API: "${excerpt(panic)}".`,
    remedy: 'It is tried again by itself. If it persists, report it to OVHcloud with the kind of resource.',
  });

/** What was printed is not quoted: it may be rows, and rows hold secrets. */
export const unreadable = (output: string): ProviderError =>
  config({
    code: 'ovhcloud_output_unreadable',
    message: `ovhcloud printed something else than a JSON list (${output.length} characters).`,
    remedy: `Check that ${programVariable} names the program itself and not something that wraps it.`,
  });

export const failed = (exitCode: number, text: string): ProviderError =>
  transient({
    code: 'ovhcloud_failed',
    message: `ovhcloud failed with exit code ${exitCode}: "${excerpt(text)}".`,
    remedy: 'It is tried again by itself. If it persists, report it with the connection id.',
  });

export const releaseError = (what: string): ProviderError => config(releaseUnknown(what));

const LONGEST_EXCERPT = 300;
const excerpt = (text: string): string => plainText(text, LONGEST_EXCERPT);

const transient = (problem: Problem): ProviderError =>
  new ProviderError({ class: 'transient', problem, delivery: 'unknown' });
const config = (problem: Problem): ProviderError =>
  new ProviderError({ class: 'config', problem, delivery: 'unknown' });
