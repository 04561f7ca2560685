// Makes ceremonies of passkeys by nid-webauthn-emulator, honest and hostile ones: node emulate.mjs > emulated.json
// The verdicts that it writes are ours; `only_we_refuse` where other libraries may accept.
import { createHash } from 'node:crypto';
import nid from 'nid-webauthn-emulator';

const { default: WebAuthnEmulator, AuthenticatorEmulator } = nid;
const origin = 'https://accounts.clinic.example';
const rp_id = 'accounts.clinic.example';
const algorithms = [-7, -257];
let number = 0;
const challenge = () => createHash('sha256').update(`challenge ${number++}`).digest('base64url');
const bytes = (text) => Buffer.from(text, 'base64url');
const text = (parts) => Buffer.concat(parts).toString('base64url');

const creation = (challenge, rp = rp_id) => ({
  rp: { id: rp, name: 'Clinic accounts' },
  user: { id: bytes('AAECAwQFBgcICQoLDA0ODw').toString('base64url'), name: 'jane', displayName: 'Jane Doe' },
  challenge,
  pubKeyCredParams: [-7, -257, -8].map((alg) => ({ type: 'public-key', alg })),
  authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  attestation: 'none',
});
const request = (challenge, rp = rp_id) => ({ challenge, rpId: rp, userVerification: 'required' });
const device = (change = {}) =>
  new WebAuthnEmulator(new AuthenticatorEmulator({ algorithmIdentifiers: ['ES256'], ...change }));

// What is done to an answer after it was made.
const inResponse = (part, change) => (it) => {
  it.response[part] = change(bytes(it.response[part]));
};
const clientData = (change) => inResponse('clientDataJSON', (old) => {
  const data = JSON.parse(old);
  change(data);
  return text([Buffer.from(JSON.stringify(data))]);
});
const flipped = (at) => (old) => {
  const index = at < 0 ? old.length + at : at;
  old[index] ^= 1;
  return text([old]);
};
// What the device says of the person at it.
const saying = (up, uv) => {
  const said = () => ({ options: { up, uv } });
  return { userMakeCredentialInteraction: said, userGetAssertionInteraction: said };
};

const registrations = [];
function register(name, accepted, { on, rp, from, spoil = () => {}, only_we_refuse = false, other } = {}) {
  const asked = challenge();
  const emulator = device(on);
  const credential = emulator.createJSON(from ?? origin, creation(other ?? asked, rp));
  spoil(credential);
  const made = { name, accepted, only_we_refuse, challenge: asked, credential };
  registrations.push(made);
  return { emulator, made };
}

register('emulated ES256', true);
register('emulated RS256', true, { on: { algorithmIdentifiers: ['RS256'] } });
register('emulated EdDSA, which was not offered', false, { on: { algorithmIdentifiers: ['EdDSA'] } });
register('emulated, nobody verified', false, { on: saying(true, false) });
register('emulated, nobody there', false, { on: saying(false, true) });
register('emulated on another origin', false, { from: 'https://evil.clinic.example', rp: 'clinic.example' });
register('emulated below the domain', false, { from: 'https://sub.accounts.clinic.example' });
register('emulated for another challenge', false, { other: challenge() });
register('emulated as a use', false, { spoil: clientData((it) => { it.type = 'webauthn.get'; }) });
register('emulated in a frame', false, {
  spoil: clientData((it) => { it.topOrigin = 'https://evil.example'; }), only_we_refuse: true,
});
const attestation = (change) => inResponse('attestationObject', change);
register('emulated with a byte behind', false, {
  spoil: attestation((old) => text([old, Buffer.of(0)])), only_we_refuse: true,
});
register('emulated without its last byte', false, {
  spoil: attestation((old) => text([old.subarray(0, -1)])), only_we_refuse: true,
});
register('emulated, in a map of no length', false, {
  spoil: attestation((old) => text([Buffer.of(0xbf), old.subarray(1), Buffer.of(0xff)])), only_we_refuse: true,
});
register('emulated with a member twice', false, {
  spoil: attestation((old) => {
    const format = Buffer.from([0x63, ...Buffer.from('fmt'), 0x64, ...Buffer.from('none')]);
    return text([Buffer.of(old[0] + 1), format, old.subarray(1)]);
  }),
  only_we_refuse: true,
});
register('emulated with nested arrays', false, { spoil: attestation(() => text([Buffer.alloc(8000, 0x81)])) });
register('emulated with a length of 2^64', false, {
  spoil: attestation(() => text([Buffer.of(0x9b), Buffer.alloc(8, 0xff)])),
});
register('emulated under the id of another one', false, {
  spoil: (it) => { it.id = it.rawId = 'BwcHBwcHBwcHBwcHBwcHBw'; }, only_we_refuse: true,
});

const uses = [];
const { emulator, made: registration } = register('emulated, then used', true);
// The public key is the rest of the authenticator data: after 37 bytes, 16 of the model, and the id with its length.
const data = bytes(registration.credential.response.authenticatorData);
const public_key = text([data.subarray(55 + data.readUInt16BE(53))]);
function use(name, accepted, { known_counter = 0, from, rp, spoil = () => {}, only_we_refuse = false, other } = {}) {
  const asked = challenge();
  const credential = emulator.getJSON(from ?? origin, request(other ?? asked, rp));
  spoil(credential);
  uses.push({
    name, accepted, only_we_refuse, challenge: asked, known_counter, public_key, credential, registration,
  });
}

use('emulated use', true);
use('emulated use with a counter that did not grow', false, { known_counter: 100 });
use('emulated use below the domain', false, { from: 'https://sub.accounts.clinic.example' });
use('emulated use for another challenge', false, { other: challenge() });
use('emulated use as a registration', false, { spoil: clientData((it) => { it.type = 'webauthn.create'; }) });
use('emulated use with a flipped bit of the counter', false, { spoil: inResponse('authenticatorData', flipped(-1)) });
use('emulated use with a flipped flag', false, { spoil: inResponse('authenticatorData', flipped(32)) });
use('emulated use of another domain', false, { spoil: inResponse('authenticatorData', flipped(0)) });
use('emulated use with a flipped bit of the signature', false, { spoil: inResponse('signature', flipped(-1)) });
use('emulated use without a signature', false, { spoil: inResponse('signature', () => 'AA') });
emulator.authenticator.params = { ...emulator.authenticator.params, ...saying(true, false) };
use('emulated use, nobody verified', false);

console.log(JSON.stringify({ origin, rp_id, algorithms, registrations, uses }, null, 1));
