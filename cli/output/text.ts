/** What a cell may hold; null and undefined are empty. */
export type Cell = string | number | boolean | null | undefined;

/** These would move the cursor, colour what follows, break the line or reverse the text. */
const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]+/gu;

/** One line without control characters. */
export const plain = (cell: Cell): string => String(cell ?? '').replaceAll(control, ' ');

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** East Asian wide characters and emoji take two columns (Unicode Standard Annex 11). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text without control characters takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segments.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** Cut to so many columns, with an ellipsis where something was cut off. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  for (const { segment } of segments.segment(text)) {
    if (widthOf(kept + segment) > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
