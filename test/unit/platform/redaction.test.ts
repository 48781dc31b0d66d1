import { describe, expect, test } from 'vitest';
import { redactText } from '../../../platform/redaction.ts';

describe('redaction of free text', () => {
  test.each([
    'Server=tcp:db.example;User=app;Password=hunter2;Encrypt=true',
    'Server=db.example;Uid=app;Pwd=hunter2',
    'postgresql://app:hunter2@db.example:5432/shop',
    'DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=hunter2hunter2==',
  ])('a password in a connection string or an address is taken out: %s', (text) => {
    const clean = redactText(text);
    expect(clean).not.toContain('hunter2');
    expect(clean).toContain('[redacted]');
  });

  test('a signing secret of webhooks is taken out', () => {
    const secret = `whsec_${'Ab1+/'.repeat(8)}xyz=`;
    expect(redactText(`signed with ${secret}, they said`)).toBe('signed with [redacted], they said');
  });

  test.each(['https://db.example:5432/shop', 'web-1@eu-west-1', 'see http://host/a:b@c', 'password rotation'])(
    'text without a credential stays as it is: %s',
    (text) => {
      expect(redactText(text)).toBe(text);
    },
  );
});
