import { html, type Html } from '../../http/pages/html.ts';

/** A web address, or undefined: an address of another scheme could be a script. */
export function webAddress(address: string | undefined): URL | undefined {
  const url = address === undefined ? null : URL.parse(address);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}

/** A link to the place where something is to be done, in a tab of its own, named by its host. */
export function webLink(address: string | undefined): Html | undefined {
  const url = webAddress(address);
  return (
    url &&
    html`<p><a class="button" href="${url.href}" target="_blank" rel="noopener noreferrer">Open ${url.host}</a></p>`
  );
}
