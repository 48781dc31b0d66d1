import { createSandboxClient } from '../../sandbox/client.ts';
import { createSandbox, sandboxEnvironment } from '../../sandbox/sandbox.ts';
import { redirectMethodContract } from './provider.contract.ts';
import { ovhHarness } from './provider.ovh.harness.ts';

redirectMethodContract('OVHcloud, on the sandbox', async () => {
  const sandbox = createSandbox();
  const url = await sandbox.listen();
  const cloud = createSandboxClient(url);
  return ovhHarness({
    environment: sandboxEnvironment(url),
    decide: (authorizeUrl) => cloud.decide(authorizeUrl),
    close: () => sandbox.close(),
  });
});
