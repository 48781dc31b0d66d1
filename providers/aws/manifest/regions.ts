/** A partition of AWS: the first part of every ARN in it. */
export interface Partition {
  readonly id: string;
  readonly label: string;
  readonly variablePrefix: string;
  readonly defaultRegion: string;
  /** `{region}` stands for the region in use. */
  readonly sts: string;
  readonly console: string;
}

export const partitions: readonly Partition[] = [
  {
    id: 'aws',
    label: 'AWS',
    variablePrefix: 'AWS',
    defaultRegion: 'us-east-1',
    sts: 'https://sts.{region}.amazonaws.com',
    console: 'https://console.aws.amazon.com',
  },
  {
    id: 'aws-cn',
    label: 'AWS China',
    variablePrefix: 'AWS_CN',
    defaultRegion: 'cn-north-1',
    sts: 'https://sts.{region}.amazonaws.com.cn',
    console: 'https://console.amazonaws.cn',
  },
  {
    id: 'aws-us-gov',
    label: 'AWS GovCloud (US)',
    variablePrefix: 'AWS_US_GOV',
    defaultRegion: 'us-gov-west-1',
    sts: 'https://sts.{region}.amazonaws.com',
    console: 'https://console.amazonaws-us-gov.com',
  },
];
