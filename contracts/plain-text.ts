/**
 * For text that Mooring has not written itself: names that people give, and what clouds say. It is shown in pages, in
 * terminals and in the Temporal UI, so no character of it may be invisible or change how the others are shown.
 */

/** Most text is ASCII, for which the expressions below have nothing to do. */
const IS_PRINTABLE_ASCII = /^[\x20-\x7E\t\n]*$/;

/** Control characters, bidirectional controls, zero-width characters, lone surrogates; but for the three kinds below. */
const HIDDEN =
  /(?![\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u200C-\u200D\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]/gu;

/** The zero-width joiner and non-joiner are part of words and of emoji only between two characters beyond ASCII. */
const JOINS_NOTHING =
  /(?<!(?![\u200C-\u200D])\P{ASCII})[\u200C-\u200D]|[\u200C-\u200D](?!(?![\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u200C-\u200D])\P{ASCII})/gu;

/** A variation selector belongs to the character before it. Several in a row could carry hidden text. */
const SELECTS_NOTHING =
  /(?<!(?![\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u200C-\u200D])\S)[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu;

/** Without what nobody can see. Line breaks and tabs stay. */
export function visibleText(text: string): string {
  if (IS_PRINTABLE_ASCII.test(text)) return text;
  return text
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(HIDDEN, '')
    .replaceAll(JOINS_NOTHING, '')
    .replaceAll(SELECTS_NOTHING, '');
}

/** One line of visible text, of at most `longest` characters (UTF-16 code units). */
export function plainText(text: string, longest: number): string {
  // Cut before the expressions run, because they must not be given megabytes; hidden characters take up space until then.
  const line = visibleText(text.slice(0, longest * 4))
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (line.length <= longest) return line;
  return `${line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * A JSON Schema pattern for a line that a person gives: what {@link visibleText} would remove is refused, so that nobody
 * finds another name than the one they gave. Without ranges beyond U+FFFF, which not every program's patterns know.
 */
export const plainTextPattern =
  '^[^\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u200B\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uD800-\\uDFFF\\uFEFF\\uFFA0\\uFFF0-\\uFFFB\\uFFFE\\uFFFF]*$';

/** The same for text that may have several lines. */
export const plainLinesPattern = plainTextPattern.replace('\\u0000-\\u001F', '\\u0000-\\u0009\\u000B-\\u001F');

/** What {@link plainTextPattern} asks for, to follow the name of a field. */
export const plainTextWish =
  'must be one line without control characters, characters that change the direction of text, and invisible characters';

/** What {@link plainLinesPattern} asks for, likewise. */
export const plainLinesWish = plainTextWish.replace('one line', 'text');

/** What begins emphasis, code, a link, an image, HTML, a table, a heading, a list or an automatic link. */
const MARKDOWN = /[\\`*_{}[\]<>|~&@]|:(?=\/\/)|(?<=\bwww)\.|^[-+=#]|(?<=^\d{1,9})[.)]/gi;

/**
 * Text as a part of a line of Markdown, in which the Temporal UI shows summaries and details: it is shown as it is
 * (CommonMark, 2.4), and its links are none.
 */
export const inMarkdown = (text: string, longest = LONGEST_IN_DETAILS): string =>
  plainText(text, longest).replaceAll(MARKDOWN, '\\$&');

const LONGEST_IN_DETAILS = 2_000;

/** A name in a workflow's summary: Temporal takes 400 bytes of summary. */
export const inSummary = (name: string): string => inMarkdown(name, LONGEST_IN_SUMMARY);

const LONGEST_IN_SUMMARY = 60;
