import { describe, expect, it } from 'vitest';
import { contrastRatio, READABLE, readableOn } from '../../../platform/contrast.ts';

describe('the contrast of two colours', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    // The grey pair that every guide to WCAG names.
    ['#767676', '#ffffff', 4.54],
    ['#777777', '#ffffff', 4.48],
    ['#ff0000', '#FFFFFF', 4],
  ])('%s on %s has a contrast of %d:1, either way round', (one, other, ratio) => {
    expect(contrastRatio(one, other)).toBeCloseTo(ratio, 2);
    expect(contrastRatio(other, one)).toBeCloseTo(ratio, 2);
  });

  it.each(['#fff', 'red', '', '#12345g', '#1234567'])('%s is no colour, and has no contrast', (text) => {
    expect(contrastRatio(text, '#ffffff')).toBeNaN();
  });
});

describe('a colour that is made readable', () => {
  it('every colour becomes readable on a light and on a dark ground, and one that is so already stays', () => {
    for (const colour of ['#000000', '#ffffff', '#ffd700', '#0b5c8a', '#00ff00', '#7a1f5c', '#808080']) {
      const [onLight, onDark] = [readableOn('#ffffff', colour, '#000000'), readableOn('#182028', colour, '#ffffff')];
      expect(contrastRatio(onLight, '#ffffff')).toBeGreaterThanOrEqual(READABLE);
      expect(contrastRatio(onDark, '#182028')).toBeGreaterThanOrEqual(READABLE);
      // The text of a button on the lighter colour.
      expect(contrastRatio(onDark, '#08202f')).toBeGreaterThanOrEqual(READABLE);
    }
    expect(readableOn('#ffffff', '#0b5c8a', '#000000')).toBe('#0b5c8a');
    expect(readableOn('#182028', '#ffd700', '#ffffff')).toBe('#ffd700');
  });
});
