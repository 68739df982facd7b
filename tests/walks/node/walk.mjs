// The AWS SDK for JavaScript and node:crypto walk the guide's four steps.

import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { after, test } from "node:test";

import * as sdk from "@aws-sdk/client-kms";

// The address, the Region and the credentials are in the environment.
const kms = new sdk.KMSClient({});
after(() => kms.destroy());

const message = Buffer.from("attack at dawn");

// ---- the four steps

async function importKeyMaterial(KeyId, WrappingAlgorithm, material, expiration) {
  const { PublicKey, ImportToken } = await kms.send(
    new sdk.GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec: "RSA_3072" }),
  );
  const EncryptedKeyMaterial = wrap(PublicKey, WrappingAlgorithm, material);
  return kms.send(
    new sdk.ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ...expiration }),
  );
}

function wrap(publicKey, algorithm, material) {
  const rsa = {
    key: crypto.createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" }),
    padding: crypto.constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: algorithm.endsWith("SHA_1") ? "sha1" : "sha256",
  };
  if (algorithm.startsWith("RSAES_OAEP")) {
    return crypto.publicEncrypt(rsa, material);
  }
  const aesKey = crypto.randomBytes(32);
  const wrapper = crypto.createCipheriv("id-aes256-wrap-pad", aesKey, Buffer.from("A65959A6", "hex"));
  return Buffer.concat([crypto.publicEncrypt(rsa, aesKey), wrapper.update(material), wrapper.final()]);
}

// ---- the kinds of KMS keys: each is used, and the use checked with the key material that was made here

function pkcs8(type, options) {
  const { privateKey } = crypto.generateKeyPairSync(type, options);
  return privateKey.export({ format: "der", type: "pkcs8" });
}

const publicKeyOf = (material) =>
  crypto.createPublicKey(crypto.createPrivateKey({ key: material, format: "der", type: "pkcs8" }));

const kinds = [
  {
    name: "a symmetric encryption key",
    spec: { KeySpec: "SYMMETRIC_DEFAULT", KeyUsage: "ENCRYPT_DECRYPT" },
    make: () => crypto.randomBytes(32),
    wrapping: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    async use(KeyId) {
      const EncryptionContext = { Department: "IT", "": "€" };
      const { CiphertextBlob } = await kms.send(
        new sdk.EncryptCommand({ KeyId, Plaintext: message, EncryptionContext }),
      );
      const { Plaintext } = await kms.send(
        new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext }),
      );
      assert.deepEqual(Buffer.from(Plaintext), message);
      await assert.rejects(kms.send(new sdk.DecryptCommand({ CiphertextBlob })), {
        name: "InvalidCiphertextException",
      });
    },
  },
  {
    name: "an RSA key",
    spec: { KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" },
    make: () => pkcs8("rsa", { modulusLength: 2048 }),
    wrapping: ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"],
    use: (KeyId, material) =>
      sign(KeyId, "RSASSA_PSS_SHA_256", {
        key: publicKeyOf(material),
        padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
        saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST,
      }),
  },
  {
    name: "an ECC key",
    spec: { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" },
    make: () => pkcs8("ec", { namedCurve: "P-256" }),
    wrapping: ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"],
    use: (KeyId, material) => sign(KeyId, "ECDSA_SHA_256", publicKeyOf(material)),
  },
  {
    name: "an HMAC key",
    spec: { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" },
    make: () => crypto.randomBytes(32),
    wrapping: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    async use(KeyId, material) {
      const { Mac } = await kms.send(
        new sdk.GenerateMacCommand({ KeyId, MacAlgorithm: "HMAC_SHA_256", Message: message }),
      );
      const mac = crypto.createHmac("sha256", material).update(message).digest();
      assert.deepEqual(Buffer.from(Mac), mac);
    },
  },
];

async function sign(KeyId, SigningAlgorithm, publicKey) {
  const about = { KeyId, SigningAlgorithm, Message: message };
  const { Signature } = await kms.send(new sdk.SignCommand(about));
  assert.ok(crypto.verify("sha256", message, publicKey, Signature));
  const { SignatureValid } = await kms.send(new sdk.VerifyCommand({ ...about, Signature }));
  assert.ok(SignatureValid);
}

// ---- the walk

for (const { name, spec, make, wrapping, use } of kinds) {
  for (const algorithm of wrapping) {
    test(`${name} works until its key material is deleted: ${algorithm}`, async () => {
      const created = await kms.send(new sdk.CreateKeyCommand({ Origin: "EXTERNAL", ...spec }));
      const { KeyId, Arn, CreationDate } = created.KeyMetadata;
      assert.ok(CreationDate instanceof Date);
      const isPendingImport = (error) => {
        assert.ok(error instanceof sdk.KMSInvalidStateException);
        assert.equal(error.name, "KMSInvalidStateException");
        assert.equal(error.message, `${Arn} is pending import.`);
        assert.equal(error.$metadata.httpStatusCode, 400);
        assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
        return true;
      };
      const described = async () => {
        const { KeyMetadata } = await kms.send(new sdk.DescribeKeyCommand({ KeyId }));
        return [KeyMetadata.KeyState, KeyMetadata.ValidTo];
      };
      const material = make();
      await assert.rejects(use(KeyId, material), isPendingImport);

      const ValidTo = new Date(Date.now() + 7 * 24 * 60 * 60 * 1000);
      await importKeyMaterial(KeyId, algorithm, material, { ValidTo });
      assert.deepEqual(await described(), ["Enabled", ValidTo]);
      await use(KeyId, material);

      await kms.send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId }));
      assert.deepEqual(await described(), ["PendingImport", undefined]);
      await assert.rejects(use(KeyId, material), isPendingImport);

      await assert.rejects(
        importKeyMaterial(KeyId, algorithm, make(), { ValidTo }),
        sdk.IncorrectKeyMaterialException,
      );
      const ExpirationModel = "KEY_MATERIAL_DOES_NOT_EXPIRE";
      await importKeyMaterial(KeyId, algorithm, material, { ExpirationModel });
      assert.deepEqual(await described(), ["Enabled", undefined]);
      await use(KeyId, material);
    });
  }
}

test("lists are read page by page", async () => {
  const client = new sdk.KMSClient({ region: "ap-southeast-2" }); // where there are no other keys
  const made = [];
  for (let number = 0; number < 5; number++) {
    const { KeyMetadata } = await client.send(new sdk.CreateKeyCommand({}));
    made.push(KeyMetadata.KeyId);
  }
  made.sort(); // AWS KMS lists keys by key id
  const pages = [];
  for await (const { Keys } of sdk.paginateListKeys({ client, pageSize: 2 }, {})) {
    pages.push(Keys.map(({ KeyId }) => KeyId));
  }
  client.destroy();
  assert.deepEqual(pages, [made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
});

test("an error that no operation has a class for is told by its name, too", async () => {
  const tooShort = new sdk.GenerateRandomCommand({ NumberOfBytes: 0 });
  await assert.rejects(kms.send(tooShort), { name: "ValidationException" });
});
