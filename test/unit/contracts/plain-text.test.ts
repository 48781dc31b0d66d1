import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inMarkdown, plainText, plainTextPattern, visibleText } from '../../../contracts/plain-text.ts';

const hidden = [
  ['a NUL', '\u0000'],
  ['an escape of a terminal', '\u001B'],
  ['a C1 control', '\u009B'],
  ['a soft hyphen', '\u00AD'],
  ['an Arabic letter mark', '\u061C'],
  ['a zero-width space', '\u200B'],
  ['a left-to-right mark', '\u200E'],
  ['a right-to-left override', '\u202E'],
  ['a word joiner', '\u2060'],
  ['a right-to-left isolate', '\u2067'],
  ['a Hangul filler', '\u3164'],
  ['a byte order mark', '\uFEFF'],
  ['an interlinear annotation', '\uFFF9'],
  ['a non-character', '\uFFFF'],
  ['half a surrogate pair', '\uD83D'],
] as const;

describe('text from outside', () => {
  it.each(hidden)('text from outside loses %s, and a name with it is refused', (_what, character) => {
    expect(plainText(`pay${character}pal`, 100)).toBe('paypal');
    expect(new RegExp(plainTextPattern, 'u').test(`pay${character}pal`)).toBe(false);
  });

  it.each([
    ['a tag character, by which text can be hidden', 'a\u{E0041}b', 'ab'],
    ['a zero-width joiner between Latin letters', 'pay\u200Dpal', 'paypal'],
    ['a joiner beside another one', 'é\u200D\u200Dé', 'éé'],
    ['a second variation selector', 'é\uFE0F\uFE0F', 'é\uFE0F'],
    ['a variation selector without a character', ' \uFE0Fa', 'a'],
  ])('text from outside loses %s', (_what, given, kept) => {
    expect(plainText(given, 100)).toBe(kept);
  });

  it.each([
    ['French', 'Société Générale d’Été'],
    ['Arabic', 'شركة البحر'],
    ['Persian, whose words need the zero-width non-joiner', 'می\u200Cخواهم'],
    ['Hindi, whose words need the zero-width joiner', 'क्\u200Dष'],
    ['Japanese, with a variation selector', '葛\u{E0100}城市'],
    ['emoji, which are joined', '👩\u200D❤\uFE0F\u200D👨 🏳\uFE0F\u200D🌈'],
  ])('text in %s stays as it is, and a name in it is accepted', (_what, text) => {
    expect(plainText(text, 100)).toBe(text);
    expect(new RegExp(plainTextPattern, 'u').test(text)).toBe(true);
  });

  it('text from outside becomes one line with single spaces', () => {
    expect(plainText(' one\r\n two\u0085three\u2028four\t\u00A0five ', 100)).toBe('one two three four five');
  });

  it('text of several lines keeps its lines where lines are wanted', () => {
    expect(visibleText('{\r\n\t"a": 1\r\n}\u202E')).toBe('{\n\t"a": 1\n}');
  });

  it('text from outside is cut to its length, and no character is cut in half', () => {
    expect(plainText('abcdef', 6)).toBe('abcdef');
    expect(plainText('abcdefg', 6)).toBe('abcde…');
    expect(plainText('abcd😀😀', 6)).toBe('abcd…');
    expect(plainText('x'.repeat(10_000_000), 6)).toBe('xxxxx…');
  });

  it('whatever the text is, what is left of it is well-formed, bounded, and stays the same a second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, longest) => {
        const plain = plainText(text, longest);
        expect(plain.isWellFormed()).toBe(true);
        expect(plain.length).toBeLessThanOrEqual(longest);
        expect(plainText(plain, longest)).toBe(plain);
      }),
    );
  });
});

describe('text from outside in Markdown', () => {
  it.each([
    ['a link', '[click](https://evil.example)', '\\[click\\](https\\://evil.example)'],
    ['an image', '![](//evil.example/a.png)', '!\\[\\](//evil.example/a.png)'],
    ['HTML', '<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert(1)\\>'],
    ['an automatic link', 'see www.evil.example or a@evil.example', 'see www\\.evil.example or a\\@evil.example'],
    ['emphasis and code', '**bold** _it_ `code` ~~gone~~', '\\*\\*bold\\*\\* \\_it\\_ \\`code\\` \\~\\~gone\\~\\~'],
    ['a heading', '# Approved', '\\# Approved'],
    ['a list', '1. Approved', '1\\. Approved'],
    ['a character reference', '&lt;b&gt;', '\\&lt;b\\&gt;'],
    ['a placeholder of the Temporal UI', '{workflowId}', '\\{workflowId\\}'],
    ['an escape of its own', '\\[x]', '\\\\\\[x\\]'],
    ['a line of its own', 'fine\n\n# Approved', 'fine # Approved'],
  ])('text from outside that would be %s in Markdown is shown as it is', (_what, text, shown) => {
    expect(inMarkdown(text)).toBe(shown);
  });
});
