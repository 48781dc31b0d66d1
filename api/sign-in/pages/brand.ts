import type { FastifyReply } from 'fastify';
import { noBranding, type Branding } from '../../../stores/branding.ts';
import { SecretStoreUnavailable } from '../../../stores/secrets/port.ts';
import type { Tenants } from '../../../stores/tenants.ts';
import { html, type Html } from '../../http/html.ts';
import { sendPage, type Page } from '../../http/page.ts';
import { pagePolicy, type PagePolicy } from '../../http/plugins/security-headers.ts';
import { webAddress } from './parts.ts';

/** Whose page it is, as its customers know them. */
export interface Brand extends Branding {
  readonly name: string;
}

/** Rejects as the secret store does. */
export async function readBrand(tenants: Pick<Tenants, 'read'>, tenant: string): Promise<Brand> {
  const found = await tenants.read(tenant);
  return { ...(found?.branding ?? noBranding), name: found?.displayName ?? tenant };
}

/** For a page that says something else first: undefined where the secret store does not answer. */
export async function brandIfKnown(tenants: Pick<Tenants, 'read'>, tenant: string): Promise<Brand | undefined> {
  try {
    return await readBrand(tenants, tenant);
  } catch (error) {
    if (!(error instanceof SecretStoreUnavailable)) throw error;
    return undefined;
  }
}

/** The page in the tenant's looks. Its policy allows the origin of the logo, for images alone. */
export function sendBranded(
  reply: FastifyReply,
  page: Page,
  brand: Brand | undefined,
  policy: Pick<PagePolicy, 'leadsTo'> = {},
): FastifyReply {
  reply.header('content-security-policy', pagePolicy({ ...policy, image: brand?.logoUrl }));
  return sendPage(reply, brand ? branded(page, brand) : page);
}

function branded(page: Page, brand: Brand): Page {
  const { colour } = brand;
  const accent =
    colour !== null && html`<link rel="stylesheet" href="/assets/accent/${colour.slice(1).toLowerCase()}" />`;
  return {
    ...page,
    head: html`<link rel="stylesheet" href="/assets/brand.css" /> ${accent} ${page.head}`,
    body: html`${header(brand)} ${page.body} ${help(brand)}`,
  };
}

/** The address of a page is secret, so the host of the logo must not be told it. */
const header = ({ logoUrl, name }: Brand): Html =>
  html`<p class="brand">
    ${logoUrl !== null && html`<img src="${logoUrl}" alt="" referrerpolicy="no-referrer" />`}<span>${name}</span>
  </p>`;

function help({ name, supportUrl, helpText }: Brand): Html | undefined {
  if (supportUrl === null && helpText === null) return undefined;
  return html`<section class="help" aria-label="Help">
    ${helpText !== null && html`<p class="lines">${helpText}</p>`}
    ${supportUrl !== null && supportLink(name, supportUrl)}
  </section>`;
}

function supportLink(name: string, address: string): Html | undefined {
  if (address.startsWith('mailto:')) {
    return html`<p>Ask ${name} for help: <a href="${address}">${address.slice('mailto:'.length)}</a></p>`;
  }
  const url = webAddress(address);
  return (
    url &&
    html`<p>Ask ${name} for help: <a href="${url.href}" target="_blank" rel="noopener noreferrer">${url.host}</a></p>`
  );
}
