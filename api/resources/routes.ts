import type { App, AppDependencies } from '../http/app-types.ts';
import { registerExports } from './export-routes.ts';
import { registerInventory } from './inventory.ts';
import { registerListResources } from './list.ts';
import { registerResourcesOfConnection } from './of-connection.ts';

export function registerResources(app: App, deps: AppDependencies): void {
  registerListResources(app, deps);
  registerResourcesOfConnection(app, deps);
  registerInventory(app, deps);
  registerExports(app, deps);
}
