import { redirectMethodOnSandbox } from './provider.harness.ts';

redirectMethodOnSandbox({ provider: 'ovh', method: 'authorization_code' }, { account: 'la12345-ovh' });
