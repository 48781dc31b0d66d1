import { describe, expect, it } from 'vitest';
import type { GuideBlock } from '../../../providers/manifests/types.ts';
import { resolveSettings } from '../../../providers/manifests/settings.ts';
import { layout } from '../../../api/http/page.ts';
import { submissionPage, type SubmissionPage } from '../../../api/sign-in/pages/submission.ts';
import { createProviderCatalog } from '../../../api/connections/provider-catalog.ts';
import { valuesOf } from '../../../api/sign-in/submission/check-values.ts';
import { formField, formMethod, skyWith } from './manifests.ts';
import { viewWith } from './support.ts';

const method = formMethod({
  fields: [formField('project'), formField('size', { options: ['small', 'large'], required: false })],
  variants: [
    {
      id: 'have',
      label: 'Keys that exist',
      asks: 'Kept.',
      fields: [formField('secret', { secret: true }), formField('file', { secret: true, multiline: true })],
    },
    { id: 'make', label: 'Make some', asks: 'Used once.', fields: [formField('secret', { secret: true })] },
  ],
});

function pageOf(more: Partial<SubmissionPage> = {}, guide: readonly GuideBlock[] = []): string {
  const asked = { ...method, guide: () => guide };
  const way = createProviderCatalog([resolveSettings(skyWith(asked), {})]).find('sky', 'up', 'keys');
  if (!way) throw new Error('The way is there.');
  const view = viewWith({ provider: 'sky', region: 'up', method: 'keys' });
  const expiresAt = '2026-12-07T08:00:00.000Z';
  return layout(
    submissionPage({ asker: 'Acme', option: way, view, expiresAt, method: asked, passcodeRequired: false, ...more }),
  );
}

describe('the form', () => {
  it('the form shows the typed values again, but no secret of any variant', () => {
    const typed = {
      'value.project': 'pr-1" onfocus="alert(1)',
      'value.size': 'large',
      variant: 'make',
      'value.have.secret': 'S3CR3T',
      'value.have.file': 'S3CR3T',
      'value.make.secret': 'S3CR3T',
    };
    const page = pageOf({ typed });
    expect(page).toContain('value="pr-1&quot; onfocus=&quot;alert(1)"');
    expect(page).toMatch(/<option selected>large/);
    expect(page).toMatch(/value="make"[^>]*checked/);
    expect(page).not.toContain('S3CR3T');
    expect(page.match(/type="password"/g)).toHaveLength(2);
  });

  it('the form shows a mistake only beside the field of the chosen variant', () => {
    const mistakes = [{ field: 'secret', sentence: 'That is wrong.' }];
    const page = pageOf({ typed: { variant: 'make' }, mistakes });
    expect(page.match(/That is wrong\./g)).toHaveLength(1);
    expect(page).toMatch(/id="value\.make\.secret"[^>]*aria-invalid="true"/);
  });

  it('the form marks only those fields as required that are always shown', () => {
    const page = pageOf();
    expect(page).toMatch(/id="value\.project"[^>]*required/);
    expect(page).not.toMatch(/id="value\.have\.secret"[^>]*required/);
  });

  it('the form links only to web addresses and escapes text that is to be copied', () => {
    const page = pageOf({ notTaken: { code: 'c', message: 'm', remedy: 'r', link: 'javascript:alert(1)' } }, [
      { title: 'Open it', text: 'https://sky.example/?a=1&b=2', format: 'url' },
      { title: 'Not this', text: 'javascript:alert(2)', format: 'url' },
      { title: 'Copy it', text: '<script>alert(3)</script>', format: 'shell' },
    ]);
    expect(page).toContain('href="https://sky.example/?a=1&amp;b=2"');
    expect(page).not.toContain('javascript:');
    expect(page).toContain('&lt;script&gt;alert(3)&lt;/script&gt;</pre>');
  });

  it('the form shows the problem of the last attempt with a link to its remedy', () => {
    const problem = {
      code: 'not_validated',
      message: 'Nobody validated it.',
      remedy: 'Do.',
      link: 'https://sky.example/v',
    };
    const page = pageOf({ view: viewWith({ problem }) });
    expect(page).toContain('Nobody validated it.');
    expect(page).toContain('>Open sky.example</a');
  });
});

describe('the values of a form', () => {
  it('the values of a form are read for the chosen variant, or for the first one where none was chosen', () => {
    const form = { 'value.project': 'p', 'value.have.secret': 'h', 'value.make.secret': 'm', stranger: 'x' };
    expect(valuesOf(method, form)).toEqual({ variant: 'have', fields: { project: 'p', secret: 'h' } });
    expect(valuesOf(method, { ...form, variant: 'make' })).toEqual({
      variant: 'make',
      fields: { project: 'p', secret: 'm' },
    });
  });
});
