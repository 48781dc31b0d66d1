import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifest as aws } from '../../../providers/aws/manifest.ts';
import { manifest as gcp } from '../../../providers/gcp/manifest.ts';
import type { FormMethodManifest, ProviderManifest } from '../../../providers/manifests/types.ts';
import { checkValues, type SubmittedValues } from '../../../api/sign-in/submission/check-values.ts';
import { oddRsaKey } from '../../support/odd-rsa-keys.ts';
import { formField, formMethod } from './manifests.ts';

const method = formMethod({
  fields: [
    formField('key', { secret: true, pattern: '[a-z]+' }),
    formField('size', { required: false, options: ['small', 'large'] }),
    formField('file', { required: false, multiline: true }),
  ],
});
const withVariants = formMethod({
  variants: [
    { id: 'have', label: '', asks: '', fields: [formField('key')] },
    { id: 'make', label: '', asks: '', fields: [formField('maker')] },
  ],
});
const formOf = ({ methods }: ProviderManifest, id: string): FormMethodManifest => {
  const found = methods.find((each) => each.id === id);
  return found?.flow === 'form' ? found : expect.fail(`no form ${id}`);
};
const realKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const awsRole = formOf(aws, 'role');
const gcpKey = formOf(gcp, 'service_account');
const mistakes = (of: FormMethodManifest, submitted: SubmittedValues) => {
  const checked = checkValues(of, submitted);
  return checked.valid
    ? []
    : checked.mistakes.map(({ field: name, sentence, hint }) => `${name}: ${sentence}${hint ? ` (${hint})` : ''}`);
};

describe('values', () => {
  it('valid values are accepted, trimmed, with uniform line ends and with defaults filled in', () => {
    expect(checkValues(method, { fields: { key: ' abc\n', file: 'one\r\ntwo\r\n' } })).toEqual({
      valid: true,
      fields: { key: 'abc', size: 'small', file: 'one\ntwo' },
    });
  });

  it.each([
    ['a missing value', {}, ['key: "Label of key" is missing.']],
    ['an empty value', { key: '  ' }, ['key: "Label of key" is missing.']],
    [
      'a value that does not match its pattern',
      { key: 'abc1' },
      ['key: "Label of key" does not look right. (As it was given.)'],
    ],
    ['two lines in a single-line field', { key: 'a\nb' }, ['key: "Label of key" must be a single line.']],
    ['an unknown choice', { key: 'a', size: 'huge' }, ['size: "Label of size" must be one of small, large.']],
    [
      'an unknown field',
      { key: 'a', more: 'x' },
      ['more: "more" is not asked for; the fields are "key", "size", "file".'],
    ],
    ['too long a line', { key: 'a'.repeat(4097) }, ['key: "Label of key" is longer than 4096 characters.']],
    [
      'too long a text',
      { key: 'a', file: 'a'.repeat(16_385) },
      ['file: "Label of file" is longer than 16384 characters.'],
    ],
  ])('values are refused for %s', (_what, fields, sentences) => {
    expect(mistakes(method, { fields })).toEqual(sentences);
  });

  it('a field may have a length of its own, and refuse values that must not be worked with', () => {
    const fault = (value: string) => (value === 'huge' ? 'is too large to be worked with.' : undefined);
    const bounded = formMethod({ fields: [formField('policy', { multiline: true, maxLength: 10, fault })] });
    expect(mistakes(bounded, { fields: { policy: 'a'.repeat(11) } })).toEqual([
      'policy: "Label of policy" is longer than 10 characters.',
    ]);
    expect(mistakes(bounded, { fields: { policy: 'huge' } })).toEqual([
      'policy: "Label of policy" is too large to be worked with.',
    ]);
    expect(mistakes(bounded, { fields: { policy: 'fine' } })).toEqual([]);
  });

  it('a session policy of over 2,048 characters is refused before it is stored', () => {
    const role_arn = 'arn:aws:iam::111122223333:role/mooring';
    const submitted = (length: number) => ({ fields: { role_arn, session_policy: 'x'.repeat(length) } });
    expect(checkValues(awsRole, submitted(2048))).toMatchObject({ valid: true });
    expect(mistakes(awsRole, submitted(2049))).toEqual([
      'session_policy: "Session policy" is longer than 2048 characters.',
    ]);
  });

  it.each([
    [
      'of 15360 bits',
      oddRsaKey(15_360),
      "that has 15360 bits; Google's keys have 2048, and 2048 to 4096 are accepted.",
    ],
    ['of 1024 bits', oddRsaKey(1024), "that has 1024 bits; Google's keys have 2048, and 2048 to 4096 are accepted."],
    [
      'with primes that make signing slow',
      oddRsaKey(2048, { p: 8000, q: 8000 }),
      'that has numbers that no RSA key of its size has, or that do not belong together.',
    ],
  ])('a key file with a private key %s is refused before it is stored', (_what, pem, sentence) => {
    for (const private_key of [pem, pem.replaceAll('\n', '\\n')]) {
      const file = JSON.stringify({ type: 'service_account', private_key });
      expect(mistakes(gcpKey, { fields: { service_account_key: file } })).toEqual([
        `service_account_key: "Service account key (JSON)" contains a private key ${sentence}`,
      ]);
    }
  });

  it('a key file that cannot be read is left to the worker, which says more about it', () => {
    for (const file of ['MIIE', '[]', 'null', '{"private_key":1}', JSON.stringify({ private_key: realKey })]) {
      expect(checkValues(gcpKey, { fields: { service_account_key: file } })).toMatchObject({ valid: true });
    }
  });

  it('values belong to one variant, which must be named', () => {
    expect(checkValues(withVariants, { variant: 'make', fields: { maker: 'm' } })).toMatchObject({ valid: true });
    expect(mistakes(withVariants, { variant: 'have', fields: { key: 'k', maker: 'm' } })).toEqual([
      'maker: "maker" is not asked for; the fields are "key".',
    ]);
    expect(mistakes(withVariants, { fields: { key: 'k' } })).toEqual([
      'variant: "variant" must be one of "have", "make".',
    ]);
    expect(mistakes(method, { variant: 'have', fields: { key: 'k' } })).toEqual([
      'variant: "variant" is not asked for.',
    ]);
  });

  it('values are never quoted in a mistake, since they may be secrets', () => {
    const secret = fc.string({ minLength: 8, maxLength: 40 }).map((text) => `S3CR3T${text}`);
    fc.assert(
      fc.property(secret, secret, secret, (key, size, file) => {
        for (const sentence of mistakes(method, { fields: { key, size, file } }))
          expect(sentence).not.toContain('S3CR3T');
      }),
    );
  });
});
