import { describe, expect, test } from 'vitest';
import type { CipherFactory } from '../../src/mlipsec/cipher/types.ts';
import { Csa, ONE_ZONE, open, type Suite, type SuiteName, splitKeys, suiteNamed, ZoneSa } from '../../src/mlipsec/index.ts';
import { CIPHERS } from './build/ciphers.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const plain: Suite = { ...suiteNamed('aes128-cbc/sha1-96'), name: 'without ICV', icv: 0, hash: null, authKey: 0 };

function sealed(cipher: CipherFactory, suite: Suite, material: Buffer, iv: Buffer, aad: Buffer, text: Buffer): string {
  const unit = Buffer.concat([iv, text, Buffer.alloc(suite.icv)]);
  cipher(suite, splitKeys(suite, material)).seal(aad, unit, 0, text.length);
  return unit.subarray(iv.length).toString('hex');
}

function opened(cipher: CipherFactory, suite: Suite, material: Buffer, packet: Buffer, nextHeader: number): Buffer {
  const sa = new ZoneSa({ spi: packet.readUInt32BE(0), suite, keys: splitKeys(suite, material), cipher });
  const out = Buffer.alloc(packet.length);
  const result = open(new Csa({ role: 'receive', zones: ONE_ZONE, sas: [sa] }), packet, out, { nextHeader, totalLength: 'unchecked' });
  if (!result.ok) throw new Error(result.reason);
  expect(result.seq).toBe(packet.readUInt32BE(4));
  return out.subarray(0, result.length);
}

describe.each(CIPHERS)('%s', (_, cipher) => {
  // RFC 3602 section 4: key, IV, plaintext, ciphertext
  test.each([
    [
      'case 1',
      '06a9214036b8a15b512e03d534120006',
      '3dafba429d9eb430b422da802c9fac41',
      Buffer.from('Single block msg').toString('hex'),
      'e353779c1079aeb82708942dbe77181a',
    ],
    [
      'case 2',
      'c286696d887c9aa0611bbb3e2025a45a',
      '562e17996d093d28ddb3ba695a2e6f58',
      '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
      'd296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1',
    ],
  ])('AES-CBC, RFC 3602 %s', (_name, key, iv, text, expected) => {
    expect(sealed(cipher, plain, hex(key), hex(iv), Buffer.alloc(8), hex(text))).toBe(expected);
  });

  // RFC 3602 section 4, cases 5 to 8: whole ESP packets, in transport and in tunnel mode
  test.each([
    [
      'case 5',
      '90d382b410eeba7ad938c46cec1a82bf',
      1,
      '0000432100000001e96e8c08ab465763fd098d45dd3ff893f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add047ad2d5913ac19b7cfbad4a6',
      '08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637',
    ],
    [
      'case 6',
      '90d382b410eeba7ad938c46cec1a82bf',
      1,
      '000043210000000869d08df7d203329db093fc4924e5bd80f51995881ec4e0c4488987ce742e8109689bb379d2d750c0d915dca346a89f75',
      '0800b5e8a80a0500a69c083d0b660e00777777777777777777777777',
    ],
    [
      'case 7',
      '0123456789abcdef0123456789abcdef',
      4,
      '0000876500000002f4e765244f6407adf13dc1380f673f37773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a93013c1b0ea1a0cf70f8e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c177f132ad3fbfb2201ac9904c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d',
      '45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637',
    ],
    [
      'case 8',
      '0123456789abcdef0123456789abcdef',
      4,
      '000087650000000585d47224b5f3dd5d2101d4ea8dffab2215b92683819596a8047232cc00f7048fe45318e11f8a0f62ede3c3fc61203bb50f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d2726d9b5ef6affc6d17a0decbb13892',
      '45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    ],
  ])('ESP with AES-CBC, RFC 3602 %s', (_name, key, next, packet, expected) => {
    expect(opened(cipher, plain, hex(key), hex(packet), next).toString('hex')).toBe(expected);
  });

  // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 4 and 16
  test.each([
    [
      'test case 4',
      'aes128-gcm16',
      'feffe9928665731c6d6a8f9467308308',
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
      '5bc94fbc3221a5db94fae95ae7121a47',
    ],
    [
      'test case 16',
      'aes256-gcm16',
      'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
      '76fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ] as const)('AES-GCM, %s', (_name, suite, key, ciphertext, tag) => {
    const text = 'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
    const aad = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
    expect(sealed(cipher, suiteNamed(suite), hex(`${key}cafebabe`), hex('facedbaddecaf888'), aad, hex(text))).toBe(ciphertext + tag);
  });

  // draft-mcgrew-gcm-test-01: ESP with 32-bit sequence numbers; its next header is always 1
  test.each([
    [
      'aes128-gcm16',
      'feffe9928665731c6d6a8f9467308308cafebabe',
      '0000a5f80000000a',
      'facedbaddecaf888',
      '4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d001000001000000000000037369700963796265726369747902646b0000010001',
      '0001',
      'deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd1',
      '83b70d3aa8bc6ee4c309e9d85a41ad4a',
    ],
    [
      'aes256-gcm16',
      'abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344',
      '4a2cbfe300000002',
      '0102030405060708',
      '4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b401010402',
      '01020201',
      'ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99def842d8e',
      'b335f4eecfdbf831824b4c4915956c96',
    ],
    [
      'aes128-gcm16',
      '0000000000000000000000000000000000000000',
      '0000000000000001',
      '0000000000000000',
      '4500003c99c500008001cb7a40679318010101010800075c020044006162636465666768696a6b6c6d6e6f70717273747576776162636465666768 69',
      '01020201',
      '4688daf2f973a392732909c331d56d60f694abaa414b5e7ff5fdcdfff5e9a284456476492719ffb64de7d9dca1e1d894bc3bd57873ed4d181d19d4d5c8c18af3',
      'f821d496eeb096e98ad2b69e4799c71d',
    ],
    [
      'aes128-gcm16',
      '7d773d00c144c525ac619d18c84a3f47d9664267',
      '335467aeffffffff',
      '43457e9182443bc6',
      '',
      '01020201',
      '437f866b',
      'cb3f699fe9b0822bac961c4504bef270',
    ],
  ] as [SuiteName, string, string, string, string, string, string, string][])('ESP with %s of draft-mcgrew-gcm-test-01, %#', (...row) => {
    const [suite, material, header, iv, payload, trailer, ciphertext, tag] = row;
    const text = hex(payload + trailer);
    expect(sealed(cipher, suiteNamed(suite), hex(material), hex(iv), hex(header), text)).toBe(ciphertext + tag);
    const packet = hex(header + iv + ciphertext + tag);
    expect(opened(cipher, suiteNamed(suite), hex(material), packet, 1).toString('hex')).toBe(payload.replaceAll(' ', ''));
  });

  // NIST SP 800-38A, F.2.5: CBC-AES256.Encrypt
  test('AES-256-CBC, NIST SP 800-38A F.2.5', () => {
    const key = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4';
    const text =
      '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710';
    const expected =
      'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b';
    const suite: Suite = { ...suiteNamed('aes256-cbc/sha1-96'), name: 'without ICV', icv: 0, hash: null, authKey: 0 };
    expect(sealed(cipher, suite, hex(key), hex('000102030405060708090a0b0c0d0e0f'), Buffer.alloc(8), hex(text))).toBe(expected);
  });

  // ESP's 3DES-CBC (RFC 2451), in the terms of NIST: SP 800-67 appendix B.1, of which CBC with IV 0 shows the first block, and the
  // chained vector that comes with every libdes since 1995
  test.each([
    ['SP 800-67 B.1', '0123456789abcdef23456789abcdef01456789abcdef0123', '0000000000000000', '5468652071756663', 'a826fd8ce53b855f'],
    [
      'libdes',
      '0123456789abcdeff1e0d3c2b5a49786fedcba9876543210',
      'fedcba9876543210',
      '37363534333231204e6f77206973207468652074696d6520666f722000000000',
      '3fe301c962ac01d02213763c1cbd4cdc799657c064ecf5d41c673812cfde9675',
    ],
  ])('3DES-CBC, %s', (_name, key, iv, text, expected) => {
    const suite = suiteNamed('3des-cbc/none', { fidelity: true });
    expect(sealed(cipher, suite, hex(key), hex(iv), Buffer.alloc(8), hex(text))).toBe(expected);
    const out = new Uint8Array(text.length / 2);
    expect(cipher(suite, splitKeys(suite, hex(key))).open(Buffer.alloc(8), hex(iv + expected), 0, hex(iv + expected).length, out, 0)).toBe(
      true,
    );
    expect(Buffer.from(out).toString('hex')).toBe(text);
  });

  // NULL is the identity (RFC 2410 section 2); what is authenticated is that, with what stands before it, in order.
  // RFC 2202 section 3, test case 1, and RFC 4868 section 2.7.2.1, both with keys of full length
  test.each([
    ['null/sha1-96', 'RFC 2202 case 1', Buffer.alloc(20, 0x0b), 'Hi T', 'here', 'b617318655057264e28bc0b6'],
    ['null/sha256-128', 'RFC 4868 AUTH256-1', Buffer.alloc(32, 0x0b), 'Hi T', 'here', '198a607eb44bfbc69903a0f1cf2bbdc5'],
    [
      'null/sha256-128',
      'RFC 4868 AUTH256-2',
      Buffer.from('Jefe'.repeat(8)),
      'what do ',
      'ya want for nothing?',
      '167f928588c5cc2eef8e3093caa0e87c',
    ],
  ] as const)('%s, %s', (suite, _name, key, aad, text, icv) => {
    const expected = Buffer.from(text).toString('hex') + icv;
    expect(sealed(cipher, suiteNamed(suite), Buffer.from(key), Buffer.alloc(0), Buffer.from(aad), Buffer.from(text))).toBe(expected);
  });
});
