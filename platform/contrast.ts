/** A colour as `#rrggbb`, of sRGB. */
type Colour = string;

/** What normal text needs against its ground (WCAG 2.2, success criterion 1.4.3, level AA). */
export const READABLE = 4.5;

/** The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). NaN for anything but `#rrggbb`. */
export function contrastRatio(one: Colour, other: Colour): number {
  const [dark = NaN, light = NaN] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** The colour, mixed with as much of `towards` as makes it readable on the ground; `towards` itself where none is. */
export function readableOn(ground: Colour, colour: Colour, towards: Colour): Colour {
  for (let percent = 0; percent < 100; percent += 2) {
    const mixed = mix(colour, towards, percent / 100);
    if (contrastRatio(mixed, ground) >= READABLE) return mixed;
  }
  return towards;
}

/** WCAG 2.2, "relative luminance". */
function luminance(colour: Colour): number {
  const [red, green, blue] = channels(colour).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? NaN) + 0.7152 * (green ?? NaN) + 0.0722 * (blue ?? NaN);
}

function mix(one: Colour, other: Colour, share: number): Colour {
  const others = channels(other);
  const mixed = channels(one).map((channel, index) =>
    Math.round(channel + ((others[index] ?? channel) - channel) * share),
  );
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

const channels = (colour: Colour): number[] =>
  /^#[0-9a-f]{6}$/i.test(colour) ? [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16)) : [];
