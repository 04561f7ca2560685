// Verifies recorded ceremonies of passkeys by @simplewebauthn/server: node check.mjs CEREMONIES.json
// Each verdict must be ours, but for what only we refuse.
import { readFileSync } from 'node:fs';
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { report } from './report.mjs';

const recorded = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const expected = (challenge) => ({
  expectedChallenge: challenge, expectedOrigin: recorded.origin, expectedRPID: recorded.rp_id, requireUserVerification: true,
});

async function verdict(verify) {
  try {
    return (await verify()).verified;
  } catch {
    return false;
  }
}

for (const it of recorded.registrations) {
  const verified = await verdict(() => verifyRegistrationResponse({
    response: it.credential, ...expected(it.challenge), supportedAlgorithmIDs: recorded.algorithms,
  }));
  report('registration', it, verified);
}
for (const it of recorded.uses) {
  const verified = await verdict(() => verifyAuthenticationResponse({
    response: it.credential, ...expected(it.challenge),
    credential: { id: it.credential.id, publicKey: Buffer.from(it.public_key, 'base64url'), counter: it.known_counter },
  }));
  report('use', it, verified);
}
