import { Type } from 'typebox';
import { Value } from 'typebox/value';

import type { Reply, SandboxRequest } from '../../../core/cloud.ts';
import { apiErrors } from '../api-errors.ts';
import { ok, parsedBody, type ApiCall, type ApiRoute } from '../api-route.ts';
import type { OvhRegion } from '../regions.ts';
import type { Applications, ConsumerKey, ConsumerKeys } from './consumer-keys.ts';

const RequestSchema = Type.Object(
  {
    accessRules: Type.Array(
      Type.Object({
        method: Type.Enum(['GET', 'POST', 'PUT', 'DELETE']),
        path: Type.String({ pattern: '^/' }),
      }),
      { minItems: 1 },
    ),
    redirection: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  },
  { additionalProperties: false },
);

/** `POST /auth/credential`: an application asks for a consumer key, which then waits for a person to approve it. */
export function requestCredential(
  { applications, consumerKeys }: { applications: Applications; consumerKeys: ConsumerKeys },
  region: OvhRegion,
  request: SandboxRequest,
): Reply {
  const application = applications.find(region.id, String(request.headers['x-ovh-application'] ?? ''));
  if (!application) return apiErrors.invalidKey;
  const body = parsedBody(request);
  if (!Value.Check(RequestSchema, body)) return apiErrors.badRequest('Missing or invalid parameter in body');
  const key = consumerKeys.request({
    applicationKey: application.key,
    region: region.id,
    rules: body.accessRules,
  });
  const page = `http://${request.headers.host ?? ''}/${region.id}/auth/`;
  return ok({
    consumerKey: key.consumerKey,
    state: key.state,
    validationUrl: `${page}?credentialToken=${encodeURIComponent(key.validationToken)}`,
  });
}

/** What can be done with the credential that signed the request, to itself. */
export function credentialRoutes(consumerKeys: ConsumerKeys): readonly ApiRoute[] {
  const own = ({ caller }: ApiCall, answer: (key: ConsumerKey) => Reply): Reply => {
    const key = caller.consumerKey === undefined ? undefined : consumerKeys.find(caller.consumerKey);
    return key ? answer(key) : apiErrors.noSuchCredential;
  };
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
  return [
    {
      path: /^\/1\.0\/auth\/currentCredential$/,
      endpoint: 'auth.current-credential',
      handle: (call) =>
        own(call, ({ credentialId, rules, state, createdAtMs, expiresAtMs }) =>
          ok({
            credentialId,
            applicationId: credentialId,
            allowedIPs: null,
            creation: iso(createdAtMs),
            expiration: expiresAtMs === null ? null : iso(expiresAtMs),
            lastUse: null,
            ovhSupport: false,
            rules,
            status: state,
          }),
        ),
    },
    {
      method: 'POST',
      path: /^\/1\.0\/auth\/logout$/,
      endpoint: 'auth.logout',
      handle: (call) =>
        own(call, (key) => {
          consumerKeys.expire(key);
          return ok(null);
        }),
    },
  ];
}
