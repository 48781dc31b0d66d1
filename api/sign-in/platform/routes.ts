import type { App, AppDependencies } from '../../http/app-types.ts';
import { registerComplete } from './complete.ts';
import { registerInitiate } from './initiate.ts';
import { platformWays } from './platform-ways.ts';
import { registerPlatformRefresh } from './refresh.ts';
import { registerValidate } from './validate.ts';

/** What a platform's backend calls, at the addresses that the manifests name. */
export function registerPlatformSignIn(app: App, deps: AppDependencies): void {
  for (const way of platformWays(deps.providers)) {
    registerInitiate(app, deps, way);
    registerComplete(app, deps, way);
    registerPlatformRefresh(app, deps, way);
    registerValidate(app, deps, way);
  }
}
