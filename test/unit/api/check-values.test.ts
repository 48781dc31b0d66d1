import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormMethodManifest } from '../../../providers/manifests/types.ts';
import { checkValues, type SubmittedValues } from '../../../api/sign-in/submission/check-values.ts';
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
