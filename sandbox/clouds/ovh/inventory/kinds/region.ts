import type { Kind } from '../kind.ts';

const everywhere = ['instance', 'network'];
const inDatacenters = [
  'volume',
  'image',
  'storage-s3-standard',
  'storage-s3-high-perf',
  'octavialoadbalancer',
  'workflow',
];

const places: readonly { name: string; country: string; type: string; status: string; zones?: readonly string[] }[] = [
  { name: 'GRA11', country: 'fr', type: 'region', status: 'UP' },
  { name: 'SBG5', country: 'fr', type: 'region', status: 'UP' },
  {
    name: 'EU-WEST-PAR',
    country: 'fr',
    type: 'region-3-az',
    status: 'UP',
    zones: ['eu-west-par-a', 'eu-west-par-b', 'eu-west-par-c'],
  },
  { name: 'DE1', country: 'de', type: 'region', status: 'UP' },
  { name: 'WAW1', country: 'pl', type: 'region', status: 'UP' },
  /** Has no object storage, so it is never asked for buckets. */
  { name: 'EU-WEST-LZ-MRS-A', country: 'fr', type: 'localzone', status: 'UP' },
  /** Is not asked for buckets either. */
  { name: 'CA-EAST-TOR', country: 'ca', type: 'region', status: 'DOWN' },
];

/** Where generated resources are: the regions that work and have everything. */
export const placesInUse = ['GRA11', 'SBG5', 'EU-WEST-PAR', 'DE1', 'WAW1'] as const;

export const region: Kind = {
  owner: 'project',
  path: '/region',
  endpoint: 'cloud.region',
  id: 'name',
  initially: places.length,
  action: 'publicCloudProject:apiovh:region/get',
  row({ index }) {
    const { name, country, type, status, zones = [] } = places[index % places.length] as (typeof places)[number];
    const services = type === 'localzone' ? everywhere : [...everywhere, ...inDatacenters];
    return {
      availabilityZones: [...zones],
      continentCode: country === 'ca' ? 'NA' : 'EU',
      countryCode: country,
      datacenterLocation: name.slice(0, 3),
      ipCountries: [country],
      name,
      services: services.map((service) => ({
        endpoint: `https://${service}.${name.toLowerCase()}.cloud.ovh.example/`,
        name: service,
        status: 'UP',
      })),
      status,
      type,
    };
  },
};
