/** Who signs in at the simulated OVHcloud where resources are not the subject: she has none. */
export const EMPTY_ACCOUNT = 'mc24680-ovh';
