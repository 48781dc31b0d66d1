/**
 * The arrows of the house: who may import whom. Everything that is not drawn in CONTRIBUTING.md is forbidden here.
 * A rule's name is what a person reads when they break it.
 */

/** Type-only imports count as arrows too: a type pulls its file's duties along. */
const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const tooling = 'scripts|test|bench';
const product = '^(contracts|platform|stores|providers|workflows|activities|api|worker|cli)/';

/** Pure data of the clouds, one file (or folder) in each provider: what the API builds routes and pages from. */
const manifests = ['^providers/manifests/', '^providers/[^/]+/manifest[./]'];
const adapters = '^stores/[^/]+/(vault|redis|sqlite)\\b|^providers/registry\\.ts$';
/** What clouds share, beside their folders. */
const shared = '^providers/(http|oauth|cli|listing|manifests)/|^providers/[^/]+\\.ts$';

module.exports = {
  forbidden: [
    never(
      'contracts-are-a-leaf',
      'Workflows, API and activities all import the contracts: they import nothing.',
      { path: '^contracts/' },
      { pathNot: '^contracts/' },
    ),
    never(
      'platform-is-a-leaf',
      'platform/ knows nothing of what is built on it but the contracts.',
      { path: '^platform/' },
      { path: `^(stores|providers|workflows|activities|api|worker|cli|sandbox|${tooling})/` },
    ),
    never(
      'stores-import-leaves-only',
      'Stores know contracts and platform.',
      { path: '^stores/' },
      { path: `^(providers|workflows|activities|api|worker|cli|sandbox|${tooling})/` },
    ),
    never(
      'providers-import-leaves-only',
      'Providers know contracts, platform and stores.',
      { path: '^providers/' },
      { path: `^(workflows|activities|api|worker|cli|sandbox|${tooling})/` },
    ),
    never(
      'providers-stand-alone',
      'A provider is one folder: it knows its own files and what clouds share, no other provider.',
      { path: '^providers/([^/]+)/', pathNot: '^providers/manifests/' },
      { path: '^providers/', pathNot: ['^providers/$1/', shared] },
    ),
    never(
      'manifests-are-data',
      'The API reads manifests: from them no path may lead to code that acts.',
      { path: manifests },
      { path: '^(stores|providers)/', pathNot: manifests },
    ),
    never(
      'workflows-are-deterministic',
      'Workflow code runs again on every replay: it imports its own folder, the contracts, and the SDK made for that.',
      { path: '^workflows/' },
      { pathNot: ['^(workflows|contracts)/', '^node_modules/@temporalio/(workflow|common)/'] },
    ),
    never(
      'activities-act-for-workflows',
      'Activities import providers, stores, platform and contracts.',
      { path: '^activities/' },
      { path: `^(workflows|api|worker|cli|sandbox|${tooling})/` },
    ),
    never(
      'api-never-acts',
      'The API starts, signals and asks workflows by their contracts; of the clouds it knows their manifests.',
      { path: '^api/' },
      { path: `^(providers|workflows|activities|worker|cli|sandbox|${tooling})/`, pathNot: '^providers/manifests/' },
    ),
    never(
      'worker-hosts',
      'The worker hosts activities and a prebuilt workflow bundle.',
      { path: '^worker/' },
      { path: `^(workflows|api|cli|sandbox|${tooling})/` },
    ),
    never(
      'sandbox-is-the-other-side',
      'Simulated clouds share nothing with the product but its platform: a shared mistake would go unseen.',
      { path: '^sandbox/' },
      { path: `^(contracts|stores|providers|workflows|activities|api|worker|cli|${tooling})/` },
    ),
    never(
      'cli-talks-over-http',
      'The program and the typed client know the API by its OpenAPI document alone, as everybody outside does.',
      { path: '^cli/' },
      { path: `^(contracts|platform|stores|providers|workflows|activities|api|worker|sandbox|${tooling})/` },
    ),
    never(
      'the-client-stands-alone',
      'Programs import the typed client without the command line.',
      { path: '^cli/client/' },
      { path: '^cli/|^node_modules/commander/', pathNot: '^cli/client/' },
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
      { path: product, pathNot: '^providers/' },
      { path: '^providers/', pathNot: [shared] },
    ),
    never(
      'one-door-to-subprocesses',
      'providers/cli/run-cli.ts clears the environment, kills on time and caps output; nothing else may spawn. cli/child.ts runs what a person names, on their terminal.',
      { path: product, pathNot: '^(providers/cli/run-cli|cli/child)\\.ts$' },
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
