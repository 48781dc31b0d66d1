/** The anchors of a Markdown document's headings, as GitHub and GitLab make them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, text = '']) => text.toLowerCase());
  return new Set(headings.map((text) => text.replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-')));
}
