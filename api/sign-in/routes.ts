import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { App, AppDependencies } from '../http/app-types.ts';
import { registerAssets } from '../http/assets.ts';
import { registerCallbacks } from './callback.ts';
import { signInDependencies } from './dependencies.ts';
import { registerContinue, registerShowInvitation } from './invitation.ts';
import { registerBegin } from './platform/begin.ts';
import { registerResult } from './result.ts';

/** A key file, each of its characters written as three (application/x-www-form-urlencoded). */
const FORM_LIMIT_BYTES = 64 * 1024;

/** The pages for the customer's browser. Only these routes parse forms and cookies. */
export async function registerSignIn(app: App, appDependencies: AppDependencies): Promise<void> {
  const deps = signInDependencies(appDependencies);
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: FORM_LIMIT_BYTES });
  registerShowInvitation(app, deps);
  registerContinue(app, deps);
  registerBegin(app, deps);
  registerCallbacks(app, deps);
  registerResult(app, deps);
  await registerAssets(app);
}
