import { CallError } from '../../../http/call-error.ts';
import { failureOf, unreachable } from '../failures.ts';
import { locationRefused } from '../problems.ts';
import { refusalOf } from '../refusal.ts';
import { locationRow, locationsPage, repositoriesPage, repositoryRow, serviceRow, servicesPage } from '../replies.ts';
import {
  lastSegment,
  projectPath,
  readFacts,
  readList,
  together,
  type Found,
  type ServiceCall,
  type ServiceList,
} from './service.ts';

const parameters = { pageSize: '500' };

/** Services that are asked location by location: they know no list over all of them. */
export const listsByLocation: readonly ServiceList[] = [
  {
    kind: 'container_service',
    assetTypes: ['run.googleapis.com/Service'],
    url: 'run',
    service: 'Cloud Run',
    api: 'run.googleapis.com',
    grant: 'Cloud Run Viewer (roles/run.viewer)',
    isEmptyWhereDisabled: true,
    read: async (call) =>
      // Version 2 refuses `locations/-`, and has no list of locations: version 1 has.
      await inLocations(call, async (location) =>
        readList(call, {
          path: `/v2/${projectPath(call)}/locations/${encodeURIComponent(location)}/services`,
          parameters,
          schema: servicesPage,
          read: (page) => {
            const rows = 'services' in page ? page.services : [];
            const { facts, losses } = readFacts(rows, serviceRow, call.asked, (row) => ({
              name: `run.googleapis.com/projects/${call.project}/locations/${location}/services/${lastSegment(row.name)}`,
              assetType: 'run.googleapis.com/Service',
              location,
              labels: row.labels,
              createdAt: row.createTime,
              status: row.terminalCondition?.state,
              url: row.uri,
              summary: { ingress: row.ingress },
            }));
            const lost = (page.unreachable ?? []).map((place) => unreachable(place, call.asked));
            return { facts, losses: [...losses, ...lost] };
          },
        }),
      ),
  },
  {
    kind: 'registry',
    assetTypes: ['artifactregistry.googleapis.com/Repository'],
    url: 'artifactRegistry',
    service: 'Artifact Registry',
    api: 'artifactregistry.googleapis.com',
    grant: 'Artifact Registry Reader (roles/artifactregistry.reader)',
    isEmptyWhereDisabled: true,
    read: async (call) =>
      await inLocations(call, async (location) =>
        readList(call, {
          path: `/v1/${projectPath(call)}/locations/${encodeURIComponent(location)}/repositories`,
          parameters,
          schema: repositoriesPage,
          read: (page) =>
            readFacts('repositories' in page ? page.repositories : [], repositoryRow, call.asked, (row) => ({
              name: `artifactregistry.googleapis.com/projects/${call.project}/locations/${location}/repositories/${lastSegment(row.name)}`,
              assetType: 'artifactregistry.googleapis.com/Repository',
              location,
              labels: row.labels,
              createdAt: row.createTime,
              url: row.registryUri && `https://${row.registryUri}`,
              summary: { format: row.format, mode: row.mode },
            })),
        }),
      ),
  },
];

/**
 * One list for each location. A location that refuses is a loss of that location alone: some are closed to all who have
 * not asked Google for them. Where every location refuses, the right is missing.
 */
async function inLocations(call: ServiceCall, readIn: (location: string) => Promise<Found>): Promise<Found> {
  const locations: string[] = [];
  const { losses } = await readList(call, {
    path: `/v1/${projectPath(call)}/locations`,
    parameters,
    schema: locationsPage,
    read: (page) => {
      const rows = 'locations' in page ? page.locations : [];
      return readFacts(rows, locationRow, call.asked, (row) => {
        locations.push(row.locationId);
        return { name: row.locationId, assetType: '' };
      });
    },
  });

  const refusals: unknown[] = [];
  const found = await Promise.all(
    locations.map(async (location) => {
      try {
        return await readIn(location);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        refusals.push(error);
        return { facts: [], losses: [lossOfLocation(location, error, call)] };
      }
    }),
  );
  if (refusals.length > 0 && refusals.length === locations.length) throw refusals[0];
  return together([...found, { facts: [], losses }]);
}

function lossOfLocation(location: string, error: CallError, { asked }: ServiceCall) {
  const failure = failureOf(error, asked);
  // The token: no other location will take it.
  if (failure.class === 'revoked') throw error;
  if (failure.problem.code !== 'list_denied') return { path: location, ...failure };
  // Not told as a missing right: no role of the customer's would change it.
  const problem = locationRefused(location, refusalOf(error)?.said ?? '', asked);
  return { ...failure, path: location, problem, denied: null };
}
