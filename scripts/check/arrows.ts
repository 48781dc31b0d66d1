import type { ICruiseResult } from 'dependency-cruiser';
import type { Check } from './check.ts';
import { runTool } from './tool.ts';

/** The folders that the dependency arrows are drawn between. */
const folders = [
  'contracts',
  'platform',
  'stores',
  'providers',
  'workflows',
  'activities',
  'api',
  'worker',
  'sandbox',
  'scripts',
  'test',
  'bench',
];

/** Who may import whom, as `.dependency-cruiser.cjs` draws it. */
export const arrows: Check = {
  name: 'arrows',
  async run({ root, files }) {
    const present = folders.filter((folder) => files.some((path) => path.startsWith(`${folder}/`)));
    const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', '--no-progress', ...present];
    const result = await runTool('depcruise', args, root);
    if (!result.stdout.startsWith('{')) return { problems: [`dependency-cruiser did not run: ${result.output}`] };
    // The tool's own report format, validated by it against its published schema.
    const { summary } = JSON.parse(result.stdout) as ICruiseResult;
    return {
      problems: summary.violations.map(({ from, to, rule }) => `${from}: imports ${to} (${rule.name})`),
      note: `${summary.totalCruised} modules, ${summary.totalDependenciesCruised ?? 0} imports`,
    };
  },
};
