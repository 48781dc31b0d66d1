import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

// A worker tells each of its states at INFO, and the test server's age at WARN: noise around every test.
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});
