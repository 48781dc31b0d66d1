import Type from 'typebox';
import { Compile } from 'typebox/compile';

import { visibleText } from '../contracts/plain-text.ts';
import { contrastRatio, READABLE } from '../platform/contrast.ts';
import { whyNotPublic } from '../platform/web-address.ts';
import { maybe } from '../platform/schema.ts';

/** How a tenant's pages look to its customers. Null = as Mooring's own. */
export interface Branding {
  /** https. The browsers of customers load it. */
  readonly logoUrl: string | null;
  /** `#rrggbb`; white text is readable on it. */
  readonly colour: string | null;
  /** https, or `mailto:` with one address. */
  readonly supportUrl: string | null;
  /** Plain text, which may have several lines. */
  readonly helpText: string | null;
}

export const noBranding: Branding = { logoUrl: null, colour: null, supportUrl: null, helpText: null };

export const LONGEST_ADDRESS = 1_000;
export const LONGEST_HELP_TEXT = 1_000;
const MOST_LINES = 12;
/** The text of buttons, and the ground of links. */
const WHITE = '#ffffff';
/** One address (RFC 6068), without headers: a link must not write the message. */
const MAILTO =
  /^mailto:[A-Za-z0-9._+-]{1,64}@(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$/;

interface Rules {
  /** Allows http and this machine. */
  readonly dev: boolean;
}

/** What is wrong with each field, as a sentence about it; no field twice. */
export function brandingFaults(branding: Branding, rules: Rules): Partial<Record<keyof Branding, string>> {
  const faults = Object.entries(checks).map(([field, check]) => {
    const value = branding[field as keyof Branding];
    return [field, value === null ? undefined : check(value, rules)] as const;
  });
  return Object.fromEntries(faults.filter(([, fault]) => fault !== undefined));
}

const checks: Readonly<Record<keyof Branding, (value: string, rules: Rules) => string | undefined>> = {
  logoUrl: whyNotAnAddress,
  colour: whyNotReadable,
  supportUrl: (value, rules) =>
    MAILTO.test(value)
      ? undefined
      : value.startsWith('mailto:')
        ? 'must have one plain e-mail address after "mailto:", and nothing behind it'
        : whyNotAnAddress(value, rules),
  helpText: whyNotAText,
};

function whyNotAnAddress(value: string, rules: Rules): string | undefined {
  return value.length > LONGEST_ADDRESS
    ? `must have at most ${LONGEST_ADDRESS} characters`
    : whyNotPublic(value, rules);
}

function whyNotAText(value: string): string | undefined {
  if (value.length > LONGEST_HELP_TEXT) return `must have at most ${LONGEST_HELP_TEXT} characters`;
  return value.split('\n').length > MOST_LINES ? `must have at most ${MOST_LINES} lines` : undefined;
}

function whyNotReadable(value: string): string | undefined {
  const ratio = contrastRatio(value, WHITE);
  if (Number.isNaN(ratio)) return 'must be a colour as #rrggbb';
  if (ratio >= READABLE) return undefined;
  // Rounded down, so that a ratio that falls short is never shown as the one that is needed.
  const shown = (Math.floor(ratio * 100) / 100).toFixed(2);
  return `has a contrast of ${shown}:1 with white text, and at least ${READABLE}:1 is needed (WCAG 2.2, AA): take a darker colour`;
}

const shape = Compile(
  Type.Object({
    logoUrl: maybe(Type.String()),
    colour: maybe(Type.String()),
    supportUrl: maybe(Type.String()),
    helpText: maybe(Type.String()),
  }),
);

/**
 * The branding of a stored document, which an operator may have written by other means. A field that is not valid is
 * null: customers see the page without it. Addresses are held to the rules of development, which are the wider ones.
 */
export function readBranding(value: unknown): Branding {
  const given: Branding = { ...noBranding, ...(shape.Check(value) && value) };
  const helpText = given.helpText === null ? null : visibleText(given.helpText).trim() || null;
  const shown: Branding = { ...given, helpText };
  const faults = brandingFaults(shown, { dev: true });
  const valid = (field: keyof Branding): string | null => (faults[field] === undefined ? shown[field] : null);
  return {
    logoUrl: valid('logoUrl'),
    colour: valid('colour'),
    supportUrl: valid('supportUrl'),
    helpText: valid('helpText'),
  };
}
