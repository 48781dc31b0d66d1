import type { JsonObject } from '../../../../platform/json.ts';
import type { Project } from './defaults.ts';
import { createSeed } from './seed.ts';

export const PROJECT_ACTION = 'publicCloudProject:apiovh:get';
export const PROJECT_PRODUCT = 'publicCloudProject';

export const projectRow = ({ id, name }: Project): JsonObject => ({
  access: 'full',
  creationDate: createSeed(id, 'project', 0).moment('created'),
  description: name,
  expiration: null,
  manualQuota: false,
  orderId: null,
  planCode: 'project.2018',
  projectName: name,
  project_id: id,
  status: 'ok',
  unleash: true,
});
