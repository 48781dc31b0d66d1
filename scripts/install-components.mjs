/**
 * Gets every real component that the tests use, or the ones named: `node scripts/install-components.mjs vault redis`.
 * Programs go to a cache outside the checkout, so that the next clone finds them.
 */
import { components } from './components/index.mjs';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in components));
if (unknown.length > 0) {
  console.error(`No component is called ${unknown.join(' or ')}: there are ${Object.keys(components).join(', ')}.`);
  process.exit(2);
}

for (const name of asked.length > 0 ? asked : Object.keys(components)) {
  try {
    console.log(`${name}: ${await components[name].ensure({ log: (line) => console.log(`${name}: ${line}`) })}`);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
