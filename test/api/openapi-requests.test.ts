import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startStack, temporalAddress } from './support/stack.ts';

const { schemathesis } = inject('components');
const address = temporalAddress();

/** The longer run that is made by hand: `MOORING_OPENAPI_EXAMPLES=400` makes more than 20,000 requests. */
const EXAMPLES = Number(process.env['MOORING_OPENAPI_EXAMPLES'] ?? 25);
const WITHIN_MS = EXAMPLES * 30_000;

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'ignored_auth',
];

/** What may answer a request that is not valid. */
const refusals = ['400', '401', '403', '404', '405', '409', '413', '414', '415', '422', '429'];

/**
 * An event stream stays open, so no request for it ends. An endpoint with an address that somebody made up would have
 * the worker ask strangers.
 */
const excluded = '^/v1/(events|webhooks)$';

describe.skipIf(schemathesis === null || address === null)('requests made from the OpenAPI document', () => {
  it(
    'valid and invalid requests to every route get no 5xx, and only documented replies',
    { timeout: WITHIN_MS },
    async () => {
      const stack = await startStack(address ?? '', { listens: true });
      const { authorization } = await stack.keyFor('acme', 'admin');
      const folder = temporaryFolder();
      // The key is in a file, because the arguments of a process are readable by every user of the machine.
      writeFileSync(
        join(folder, 'schemathesis.toml'),
        [
          `headers = { Authorization = "${authorization}" }`,
          '[checks]',
          `negative_data_rejection.expected-statuses = ${JSON.stringify(refusals)}`,
        ].join('\n'),
      );
      const child = spawn(
        schemathesis?.path ?? '',
        [
          'run',
          `${stack.publicUrl}/openapi.json`,
          '--checks',
          checks.join(','),
          '--exclude-path-regex',
          excluded,
          '--max-examples',
          String(EXAMPLES),
          '--seed',
          '1',
          '--workers',
          '1',
          '--no-color',
          '--request-timeout',
          '30',
        ],
        { cwd: folder, env: { PATH: process.env['PATH'] ?? '', HOME: folder, NO_PROXY: '*' } },
      );
      const [exited, output, complaints] = [once(child, 'close'), text(child.stdout), text(child.stderr)];
      const [code] = (await exited) as [number | null];
      expect(code, `${await output}\n${await complaints}`).toBe(0);
    },
  );
});
