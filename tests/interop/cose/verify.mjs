// Verifies every signature in Countersign's files with @auth0/cose, and refuses what is changed.
//
//   node verify.mjs FILE…      FILE: a bundle (.zip), or vectors/session.json
//
// Prints one line of JSON: how many objects of each kind verified, and how many changed ones were refused.
// Ends with 1 at the first object that verifies although it should not, or does not although it should.
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Sign1 } from '@auth0/cose';
import { Decoder } from 'cbor-x';

const cbor = new Decoder({ mapsAsObjects: false, useRecords: false });

// SPEC 2.1 and 2.5: what a signature is for is its external_aad; the header's type says what it is for.
const purposes = ['entry', 'head batch', 'receipt', 'prekey'];
const purposeOf = (type) =>
  type >= 1 && type <= 7 ? 'entry' : { 16: 'head batch', 17: 'receipt', 18: 'receipt', 19: 'prekey' }[type];
const aad = (purpose) => new TextEncoder().encode('countersign/1 ' + purpose);

const certificates = new Map(); // SHA-256 of the DER => public key
const objects = new Map(); // hex => bytes, each once

/** Takes certificates and COSE_Sign1 objects out of decoded CBOR, however deep. */
function collect(value) {
  if (value instanceof Uint8Array) {
    if (value[0] === 0xd2 && value[1] === 0x84) objects.set(Buffer.from(value).toString('hex'), Uint8Array.from(value));
    else if (value[0] === 0x30 && value[1] === 0x82) learn(value);
  } else if (Array.isArray(value)) value.forEach(collect);
}

function learn(der) {
  let certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return; // a revocation list or a time-stamp token
  }
  certificates.set(createHash('sha256').update(der).digest('hex'), certificate.publicKey);
}

/** The members of a ZIP that stores them one after the other (SPEC BU-01). */
function* members(zip) {
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50; ) {
    const [size, nameSize] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
    const content = at + 30 + nameSize;
    yield [zip.toString('latin1', at + 30, content), zip.subarray(content, content + size)];
    at = content + size;
  }
}

function readBundle(file) {
  for (const [name, content] of members(readFileSync(file))) {
    if (name === 'certificates.pem')
      for (const pem of content.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g))
        learn(new X509Certificate(pem).raw);
    if (['entries.cbor', 'heads.cbor', 'receipts.cbor', 'stamps.cbor'].includes(name) && content.length > 0)
      cbor.decodeMultiple(content, (item) => void collect(item));
  }
}

function readSession(file) {
  for (const message of JSON.parse(readFileSync(file, 'utf8')))
    if (message.Kind.includes('→')) cbor.decodeMultiple(Buffer.from(message.Hex, 'hex'), (item) => void collect(item));
}

async function verifies(bytes, key, purpose) {
  try {
    await Sign1.decode(bytes).verify(key, { algorithms: [-37], externalAAD: aad(purpose) });
    return true;
  } catch {
    return false;
  }
}

/** The same object with one bit of a part changed: 0 protected header, 2 payload, 3 signature. */
function changed(bytes, part) {
  const original = cbor.decode(bytes.subarray(1)); // without the tag
  const at = Buffer.from(bytes).indexOf(Buffer.from(original[part]));
  const copy = Uint8Array.from(bytes);
  copy[at + original[part].length - 1] ^= 1;
  return copy;
}

const verified = Object.fromEntries(purposes.map((purpose) => [purpose, 0]));
const refused = Object.fromEntries(purposes.map((purpose) => [purpose, 0]));

function fail(purpose, what) {
  console.error(`${purpose}: ${what}`);
  process.exit(1);
}

async function check(bytes) {
  const header = cbor.decode(cbor.decode(bytes.subarray(1))[0]);
  const purpose = purposeOf(header.get(-65537));
  const [hash, signer] = header.get(34);
  if (header.get(1) !== -37 || hash !== -16 || !purpose) fail(purpose, 'another header than SPEC says');
  const key = certificates.get(Buffer.from(signer).toString('hex'));
  if (!key) fail(purpose, 'the certificate is not in the file');
  if (!(await verifies(bytes, key, purpose))) fail(purpose, 'the signature does not verify');
  verified[purpose]++;
  const bad = [
    ...[0, 2, 3].filter((part) => part !== 2 || cbor.decode(bytes.subarray(1))[2].length > 0).map((part) => [changed(bytes, part), key, purpose]),
    ...purposes.filter((other) => other !== purpose).map((other) => [bytes, key, other]),
    ...[...certificates.values()].filter((other) => !other.equals(key)).map((other) => [bytes, other, purpose]),
  ];
  for (const attempt of bad) {
    if (await verifies(...attempt)) fail(purpose, 'a changed object verifies');
    refused[purpose]++;
  }
}

for (const file of process.argv.slice(2)) (file.endsWith('.zip') ? readBundle : readSession)(file);
for (const bytes of objects.values()) await check(bytes);
console.log(JSON.stringify({ verified, refused }));
