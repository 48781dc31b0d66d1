import { expect, test } from 'vitest';
import type { CloudCall } from '../../../contracts/attempts.ts';
import type { CliResult } from '../../../providers/cli/run-cli.ts';
import { watchCalls } from '../../../providers/http/call-watch.ts';
import { manifest } from '../../../providers/ovh/manifest.ts';
import { reportProgram } from '../../../providers/ovh/discovery/program-calls.ts';
import { readProgramOutput } from '../../../providers/ovh/discovery/program-output.ts';
import { projectId } from '../../contract/ovhcloud/recorded-world.ts';

const region = manifest.regions[0]!;

/** What is heard of a run of the program. */
function heardOf(result: CliResult): CloudCall[] {
  const heard: CloudCall[] = [];
  const report = (call: CloudCall) => void heard.push(call);
  watchCalls({ step: 'discovery', operation: 'list.instance', wantsGood: false, report }, () => {
    const onFailure = reportProgram(result, 1_500);
    if (result.outcome !== 'exited') return;
    try {
      readProgramOutput(result, { kind: 'instance', projectId, region, onFailure });
    } catch {
      // What it means for the list is another test's.
    }
  });
  return heard;
}

const failing = (said: string): CliResult => ({
  outcome: 'exited',
  exitCode: 1,
  stdout: JSON.stringify({ message: `🛑 error fetching instances: ${said}`, error: true }),
  stderr: '',
});

test('a call of the program that failed is heard of with the status, the code and the id of the API', () => {
  const said =
    'OVHcloud API error (status code 403): Client::Forbidden: "This call has not been granted" (X-OVH-Query-Id: EU.ext-3.66c9bf5a)';
  expect(heardOf(failing(said))).toEqual([
    {
      operation: 'list.instance',
      host: null,
      outcome: 'refused',
      status: 403,
      cloudCode: 'Client::Forbidden',
      cloudRequestId: 'EU.ext-3.66c9bf5a',
      message: 'This call has not been granted',
      durationMs: 1_500,
    },
  ]);
});

test('a call of the program that got no token or no answer is heard of', () => {
  const refused = 'Get "https://eu.api.ovh.com/1.0/me": oauth2: "invalid_client" "Client authentication failed"';
  expect(heardOf(failing(refused))).toMatchObject([{ outcome: 'refused', cloudCode: 'invalid_client' }]);
  const away = 'Get "https://eu.api.ovh.com/1.0/cloud": dial tcp 127.0.0.1:1: connect: connection refused';
  expect(heardOf(failing(away))).toMatchObject([{ outcome: 'not_sent', status: null }]);
  expect(heardOf(failing('Get "https://eu.api.ovh.com/1.0/cloud": EOF'))).toMatchObject([{ outcome: 'unavailable' }]);
});

test.each([
  [{ outcome: 'timed_out' }, 'timed_out'],
  [{ outcome: 'cancelled' }, 'aborted'],
  [{ outcome: 'not_started', code: 'ENOENT' }, 'not_sent'],
] as const)('a run that ended with %j is heard of as %s', (result, outcome) => {
  expect(heardOf(result)).toMatchObject([{ outcome, host: null, cloudRequestId: null }]);
});

test('a list that the program loses a part of has each failure of a part', () => {
  const loss = (name: string) =>
    `2026/11/23 08:00:00 error fetching /cloud/project/${projectId}/region/${name}/instance: OVHcloud API error (status code 500): Server::InternalServerError: "Internal"`;
  const stderr = `${loss('GRA11')}\n${loss('SBG5')}\n`;
  const heard = heardOf({ outcome: 'exited', exitCode: 0, stdout: '[]', stderr });
  expect(heard).toMatchObject([
    { outcome: 'unavailable', status: 500 },
    { outcome: 'unavailable', status: 500 },
  ]);
});

test('a good run is not heard of, and where nothing watches nothing is', () => {
  expect(heardOf({ outcome: 'exited', exitCode: 0, stdout: '[]', stderr: '' })).toEqual([]);
  expect(reportProgram({ outcome: 'timed_out' }, 1)({ kind: 'oauth', error: 'no', description: null })).toBeUndefined();
});
