import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { manifest } from '../../../providers/aws/manifest.ts';
import { listActions } from '../../../providers/aws/manifest/discovery.ts';
import { roleTemplate } from '../../../providers/aws/manifest/guide.ts';
import { credentialFormatsOf } from '../../../providers/manifests/credential-formats.ts';
import type { FormMethodManifest, GuideBlock } from '../../../providers/manifests/types.ts';

const method = manifest.methods[0] as FormMethodManifest;
const accountId = '111122223333';
const externalId = 'Mooring-4f9c2a';

const guide = (region = 'aws', more: Record<string, string> = {}) =>
  method.guide?.({ region, values: {}, setup: { accountId, externalId, ...more } }) ?? [];
const textOf = (blocks: readonly GuideBlock[], format: GuideBlock['format']) =>
  blocks.find((block) => block.format === format)?.text ?? expect.fail(`no ${format}`);
const tag = (name: string) => ({ tag: name, resolve: (text: string) => ({ [name]: text }) });
const template = (text: string) =>
  parse(text, { customTags: [tag('!Sub'), tag('!Ref'), tag('!GetAtt')] }) as Record<string, Record<string, unknown>>;

describe("AWS's guide", () => {
  test('the trust policy of the AWS guide allows only our account, and only with this external ID', () => {
    expect(JSON.parse(textOf(guide(), 'json'))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${accountId}:root` },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': externalId } },
        },
      ],
    });
  });

  test.for(['aws', 'aws-cn', 'aws-us-gov'])('every ARN in the AWS guide is of the chosen partition: %s', (region) => {
    for (const format of ['json', 'hcl', 'shell'] as const) {
      const arns = textOf(guide(region), format).match(/arn:[\w-]+:/g) ?? [];
      expect(new Set(arns), format).toEqual(new Set([`arn:${region}:`]));
    }
  });

  test('the guide gives the same trust as CloudFormation, Terraform and shell commands, with both access policies', () => {
    for (const format of ['yaml', 'hcl', 'shell'] as const) {
      const text = textOf(guide(), format);
      for (const part of [accountId, externalId, 'StringEquals', 'ReadOnlyAccess', 'PowerUserAccess']) {
        expect(text, format).toContain(part);
      }
    }
    const { Parameters } = template(textOf(guide(), 'yaml'));
    expect(Parameters).toMatchObject({
      MooringAccountId: { Default: accountId },
      ExternalId: { Default: externalId },
      Access: { Default: 'ReadOnlyAccess', AllowedValues: ['ReadOnlyAccess', 'PowerUserAccess'] },
    });
  });

  test('the guide has the policy for a role of the customer that is to be listed and nothing else', () => {
    const block = guide().find(({ title }) => title.includes('for listing alone'));
    expect(JSON.parse(block?.text ?? '')).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: listActions, Resource: '*' }],
    });
  });

  test('the guide has a quick-create link only where the operator has uploaded the template', () => {
    expect(guide().some(({ format }) => format === 'url')).toBe(false);
    const roleTemplateUrl = 'https://bucket.s3.amazonaws.com/mooring-role.yaml';
    const setup = { roleTemplateUrl, consoleUrl: 'https://console.aws.amazon.com' };
    const link = new URL(textOf(guide('aws', setup), 'url'));
    expect(link.origin).toBe('https://console.aws.amazon.com');
    expect(Object.fromEntries(new URLSearchParams(link.hash.split('?')[1]))).toEqual({
      templateURL: roleTemplateUrl,
      stackName: 'Mooring',
      param_MooringAccountId: accountId,
      param_ExternalId: externalId,
    });
  });

  test('the template to upload has the resources of the guide’s template, without the values of a customer', () => {
    const uploaded = readFileSync(new URL('../../../deploy/aws/mooring-role.yaml', import.meta.url), 'utf8');
    expect(uploaded).toBe(roleTemplate());
    const [mine, generic] = [template(textOf(guide(), 'yaml')), template(uploaded)];
    expect(generic['Resources']).toEqual(mine['Resources']);
    expect(JSON.stringify(generic)).not.toContain(externalId);
  });
});

describe('the fields of an AWS role', () => {
  const field = (name: string) => new RegExp(method.fields.find((each) => each.name === name)?.pattern ?? '', 'v');

  test.for([
    ['arn:aws:iam::111122223333:role/reader', true],
    ['arn:aws-cn:iam::111122223333:role/team/path/reader', true],
    ['arn:aws-us-gov:iam::111122223333:role/Re+a=d,e.r@x-y_z', true],
    ['arn:aws:iam::11112222333:role/reader', false],
    ['arn:aws:iam::111122223333:user/reader', false],
    ['arn:aws:iam::111122223333:role/reader ', false],
    ['arn:aws:sts::111122223333:assumed-role/reader/me', false],
  ] as const)('the role ARN %s is accepted: %s', ([arn, good]) => expect(field('role_arn').test(arn)).toBe(good));

  test.for([
    ['899', false],
    ['900', true],
    ['1800', true],
    ['3600', true],
    ['3601', false],
    ['7200', false],
    ['15m', false],
  ] as const)('the session length %s is accepted: %s', ([seconds, good]) =>
    expect(field('duration_seconds').test(seconds)).toBe(good),
  );
});

describe('the formats of a session', () => {
  const fields = { access_key_id: 'ASIA1', secret_access_key: 's/e+c=', session_token: "it's" };
  const render = (id: string, expiresAt: string | null = '2026-11-23T05:00:00.000Z') =>
    credentialFormatsOf(method)
      .find((format) => format.id === id)
      ?.render({ fields, expiresAt, region: 'aws' });

  test('the credential_process format is the JSON document that AWS tools read', () => {
    expect(JSON.parse(render('credential_process') ?? '')).toEqual({
      Version: 1,
      AccessKeyId: 'ASIA1',
      SecretAccessKey: 's/e+c=',
      SessionToken: "it's",
      Expiration: '2026-11-23T05:00:00.000Z',
    });
  });

  test('the environment format escapes a quote in a value', () => {
    expect(render('environment', null)).toBe(
      [
        "export AWS_ACCESS_KEY_ID='ASIA1'",
        "export AWS_SECRET_ACCESS_KEY='s/e+c='",
        String.raw`export AWS_SESSION_TOKEN='it'\''s'`,
        '',
      ].join('\n'),
    );
  });
});
