/**
 * The arrows of the house: who may import whom. Everything that is not drawn in CONTRIBUTING.md is forbidden here.
 * A rule's name is what a person reads when they break it.
 */

/** Type-only imports count as arrows too: a type pulls its file's duties along. */
const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Workflow code proper: everything under workflows/ but the contracts that all may import. */
const workflowCode = 'workflows/(?!contracts/)';
const tooling = 'scripts|test|bench';
const product = '^(workflows|activities|stores|api|worker|platform)/';

/** The provider files that are pure data or derive from it: what the API builds routes and pages from. */
const manifestFiles =
  '^activities/providers/((manifest-types|manifests|settings|[^/]+/manifest)\\.ts$|[^/]+/manifest/)';
const adapters = '^stores/[^/]+/(vault|redis|sqlite)\\b|^activities/providers/registry\\.ts$';

module.exports = {
  forbidden: [
    never(
      'contracts-are-a-leaf',
      'Workflows, API and activities all import the contracts: they import nothing.',
      { path: '^workflows/contracts/' },
      { pathNot: '^workflows/contracts/' },
    ),
    never(
      'platform-is-a-leaf',
      'platform/ knows nothing of what is built on it; what the codec puts in the place of a refused payload is a contract.',
      { path: '^platform/' },
      {
        path: `^(workflows|activities|stores|api|worker|sandbox|${tooling})/`,
        pathNot: '^workflows/contracts/refused-payload\\.ts$',
      },
    ),
    never(
      'stores-import-leaves-only',
      'Stores know contracts and platform.',
      { path: '^stores/' },
      { path: `^(${workflowCode}|(activities|api|worker|sandbox|${tooling})/)` },
    ),
    never(
      'workflows-are-deterministic',
      'Workflow code runs again on every replay: it imports its own folder and the SDK made for that.',
      { path: `^${workflowCode}` },
      { pathNot: ['^workflows/', '^node_modules/@temporalio/(workflow|common)/'] },
    ),
    never(
      'activities-act-for-workflows',
      'Activities import providers, stores, cli, platform and contracts.',
      { path: '^activities/' },
      { path: `^(${workflowCode}|(api|worker|sandbox|${tooling})/)` },
    ),
    never(
      'providers-stand-alone',
      'A provider is one folder: it knows the port, its own files and the door to a subprocess, no other provider.',
      { path: '^activities/providers/([^/]+)/' },
      {
        path: '^(activities|stores)/',
        pathNot: ['^activities/providers/$1/', '^activities/providers/[^/]+\\.ts$', '^activities/cli/'],
      },
    ),
    never(
      'manifests-are-data',
      'The API reads manifests: from them no path may lead to code that acts.',
      { path: manifestFiles },
      { path: '^activities/', pathNot: manifestFiles },
    ),
    never(
      'api-never-acts',
      'The API starts, signals and asks workflows; it takes only data from activities.',
      { path: '^api/' },
      { path: '^activities/', pathNot: manifestFiles },
    ),
    never(
      'api-knows-contracts-only',
      'The API talks to workflows through their contracts.',
      { path: '^api/' },
      { path: `^(${workflowCode}|(worker|sandbox|${tooling})/)` },
    ),
    never(
      'worker-hosts',
      'The worker hosts activities and a prebuilt workflow bundle.',
      { path: '^worker/' },
      { path: `^(${workflowCode}|(api|sandbox|${tooling})/)` },
    ),
    never(
      'sandbox-is-the-other-side',
      'Simulated clouds share nothing with the product but its platform: a shared mistake would go unseen.',
      { path: '^sandbox/' },
      { path: `^(workflows|activities|stores|api|worker|${tooling})/` },
    ),
    never(
      'adapters-are-composed',
      'Only api/compose.ts and worker/compose.ts choose adapters; all else is given a port.',
      { pathNot: `^(api|worker)/compose(\\.ts$|/)|^stores/|^(${tooling})/` },
      { path: adapters },
    ),
    never(
      'providers-are-registered',
      'Code reaches a provider through the registry.',
      { path: product, pathNot: '^activities/providers/(registry\\.ts$|[^/]+/)' },
      { path: '^activities/providers/[^/]+/(?!manifest\\.ts$)' },
    ),
    never(
      'one-door-to-subprocesses',
      'activities/cli/run-cli.ts clears the environment, kills on time and caps output; nothing else may spawn.',
      { path: product, pathNot: '^activities/cli/run-cli\\.ts$' },
      { path: '^(node:)?child_process$|^node_modules/(execa|cross-spawn)/' },
    ),
    never(
      'production-dependencies-only',
      'The production image has no development dependencies.',
      { path: product },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    ),
    // Types are gone at run time: two files that know each other's shapes may still be two.
    never(
      'no-cycles',
      'A cycle is two files that are one.',
      {},
      {
        circular: true,
        viaOnly: { dependencyTypesNot: ['type-only'] },
      },
    ),
    never('imports-resolve', 'An import that leads nowhere fails at run time only.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|test/(data|[.]artifacts))/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
