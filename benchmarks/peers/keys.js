// Node's crypto as a peer. First line: the operations offered, as a JSON list. Then, for each line "operation count" on
// stdin ("RSA 2048 generate 10"), one line with the nanoseconds that so many calls took.
'use strict';
const crypto = require('node:crypto');
const readline = require('node:readline');

const message = Buffer.alloc(32);
const calls = new Map();

function signing(name, key) {
  const options = { key: key.privateKey, dsaEncoding: 'ieee-p1363' };
  const checking = { key: key.publicKey, dsaEncoding: 'ieee-p1363' };
  const signature = crypto.sign('sha256', message, options);
  calls.set(`${name} sign`, () => crypto.sign('sha256', message, options));
  calls.set(`${name} verify`, () => {
    if (!crypto.verify('sha256', message, checking, signature)) throw new Error(name);
  });
}

function agreeing(name, key, peer) {
  const halves = { privateKey: key.privateKey, publicKey: peer.publicKey };
  calls.set(`${name} agree`, () => crypto.diffieHellman(halves));
}

function kind(name, type, options, { signs, agrees }) {
  const make = () => crypto.generateKeyPairSync(type, options);
  calls.set(`${name} generate`, make);
  if (signs) signing(name, make());
  if (agrees) agreeing(name, make(), make());
}

kind('RSA 2048', 'rsa', { modulusLength: 2048 }, { signs: true });
kind('DSA 2048', 'dsa', { modulusLength: 2048, divisorLength: 256 }, { signs: true });
kind('DH 2048', 'dh', { group: 'modp14' }, { agrees: true });
kind('EC P-256', 'ec', { namedCurve: 'P-256' }, { signs: true, agrees: true });
kind('EC P-384', 'ec', { namedCurve: 'P-384' }, { signs: true, agrees: true });
kind('EC P-521', 'ec', { namedCurve: 'P-521' }, { signs: true, agrees: true });
kind('X25519', 'x25519', {}, { agrees: true });

console.log(JSON.stringify([...calls.keys()]));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const end = line.lastIndexOf(' ');
  const call = calls.get(line.slice(0, end));
  const count = Number(line.slice(end + 1));
  const begun = process.hrtime.bigint();
  for (let turn = 0; turn < count; turn += 1) call();
  console.log(String(process.hrtime.bigint() - begun));
});
