import { gcpHarness } from './gcp-discovery/harness.ts';
import { listerContract } from './lister.contract.ts';

listerContract('Google Cloud, by Cloud Asset Inventory', gcpHarness('asset'));
listerContract('Google Cloud, service by service', gcpHarness('services'));
