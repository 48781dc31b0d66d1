import type { IncomingMessage, ServerResponse } from 'node:http';

import type Provider from 'oidc-provider';

/** Answers what the server would ask a person: who they are (from the query), and whether they consent. */
export async function finishInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const query = new URL(request.url ?? '/', 'http://interaction').searchParams;
  const finish = (result: Record<string, unknown>, mergeWithLastSubmission: boolean) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission });

  if (query.get('decision') === 'refuse') {
    return finish({ error: 'access_denied', error_description: 'The resource owner denied the request' }, false);
  }
  if (prompt.name === 'login') return finish({ login: { accountId: query.get('account') ?? 'somebody' } }, false);

  const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: params.client_id });
  grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(' '));
  return finish({ consent: { grantId: await grant.save() } }, true);
}
