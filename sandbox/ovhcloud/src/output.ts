import { goJson, type Row } from './go.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A list as JSON. An empty one is `null`, as Go prints a slice that was never made. */
export const printRows = (rows: readonly Row[]): void => print(rows.length === 0 ? 'null' : goJson(rows, 2));

/** Errors go to stdout, as JSON like everything else. */
export const printError = (message: string): void =>
  print(`{
  "message": ${goJson(`🛑 ${message}`)},
  "error": true
}`);

/** A Go panic: the program has no row for what the API answered. */
export class Panic extends Error {
  readonly frames: readonly string[];

  constructor(frames: readonly string[]) {
    super('interface conversion: interface {} is nil, not []interface {}');
    this.frames = frames;
  }
}

const OUTER = [
  'github.com/spf13/cobra.(*Command).execute(0xc0000ea908, {0xc000236f00, 0x3, 0x3})\n\tgithub.com/spf13/cobra@v1.10.1/command.go:1019 +0xafb',
  'github.com/spf13/cobra.(*Command).ExecuteC(0x1d87820)\n\tgithub.com/spf13/cobra@v1.10.1/command.go:1148 +0x465',
  'github.com/spf13/cobra.(*Command).Execute(...)\n\tgithub.com/spf13/cobra@v1.10.1/command.go:1071',
  'github.com/ovh/ovhcloud-cli/internal/cmd.Execute({0x0?, 0x166ae68?, 0xc0000621e0?})\n\tgithub.com/ovh/ovhcloud-cli/internal/cmd/root.go:57 +0x65',
  'main.main()\n\tgithub.com/ovh/ovhcloud-cli/cmd/ovhcloud/main.go:16 +0x1a',
];

export const printPanic = (panic: Panic): void =>
  void process.stderr.write(
    `panic: ${panic.message}\n\ngoroutine 1 [running]:\n${[...panic.frames, ...OUTER].join('\n')}\n`,
  );

const SERVICES = 'github.com/ovh/ovhcloud-cli/internal/services/cloud';

export const panicFrames = {
  networks: [
    `${SERVICES}.ListPrivateNetworks(0xc000079500?, {0xdbf30f?, 0x4?, 0xdbf403?})\n\t${SERVICES}/cloud_network.go:158 +0x7e5`,
  ],
  regions: [
    `${SERVICES}.getCloudRegionsWithFeatureAvailable({0xc000cd1f37?, 0x0?}, {0xc00026b9fc, 0x2, 0x0?})\n\t${SERVICES}/cloud_project.go:94 +0x474`,
    `${SERVICES}.ListCloudStorageS3(0xc0000a41200?, {0xdbf30f?, 0x4?, 0xdbf403?})\n\t${SERVICES}/cloud_storage_s3.go:131 +0xcd`,
  ],
} as const;
