/** A `PUT` to Vault's `sys` API. Throws with Vault's own words where it refuses. */
export async function putSys(
  address: string,
  path: string,
  body: object,
  token?: string,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${address}/v1/sys/${path}`, {
    method: 'PUT',
    ...(token !== undefined && { headers: { 'X-Vault-Token': token } }),
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`PUT sys/${path}: ${response.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
}
