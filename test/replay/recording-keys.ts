import { KeyRing } from '../../platform/key-ring.ts';

/**
 * The key that seals all recordings. It is no secret: it is public, as everything that it seals, which are the
 * made-up tokens of simulated clouds. Recordings are sealed because histories are in production.
 */
export const recordingKeys = `recordings-test-key:${Buffer.from('This test key protects nothing!!').toString('base64')}`;

export const recordingKeyRing = KeyRing.parse(recordingKeys);
