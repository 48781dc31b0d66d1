export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Deletes the client (RFC 7592, 2.3): its secret is worth nothing any more. */
  delete(): Promise<void>;
}

/** Registers a client of the client credentials grant with the authorization server. */
export async function registerServiceAccount(registrationUrl: string): Promise<ServiceAccount> {
  const response = await fetch(registrationUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_post',
      scope: 'all',
    }),
  });
  if (!response.ok) throw new Error(`The registration answered ${response.status}: ${await response.text()}`);
  const registered = (await response.json()) as Record<
    'client_id' | 'client_secret' | 'registration_access_token' | 'registration_client_uri',
    string
  >;
  return {
    clientId: registered.client_id,
    clientSecret: registered.client_secret,
    async delete() {
      const authorization = `Bearer ${registered.registration_access_token}`;
      await fetch(registered.registration_client_uri, { method: 'DELETE', headers: { authorization } });
    },
  };
}
