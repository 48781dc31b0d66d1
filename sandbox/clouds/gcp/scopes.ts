export const cloudScopes: readonly string[] = [
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/cloud-platform.read-only',
];

/** The scopes that this simulation knows, as the consent page words them. */
export const scopeTexts: Readonly<Record<string, string>> = {
  openid: 'Associate you with your personal info on Google',
  'https://www.googleapis.com/auth/userinfo.email': 'See your primary Google Account email address',
  'https://www.googleapis.com/auth/cloud-platform':
    'See, edit, configure, and delete your Google Cloud data and see the email address for your Google Account',
  'https://www.googleapis.com/auth/cloud-platform.read-only': 'View your data across Google Cloud services',
};

export const split = (scope: string | null): string[] => (scope ?? '').split(' ').filter((one) => one !== '');
