// The AWS Encryption SDK for JavaScript opens messages that others made, and makes one under each set of KMS keys.
//
// Standard input: {keys: {NAME: [ARN...]}, mrk: {make: ARN, open: ARN}, context, plaintext, messages: {NAME: base64}}.
// The last line of standard output: {opened: {NAME: {plaintext, context, algorithm}}, made: {NAME: base64}}.

import { readFileSync } from "node:fs";

import {
  AwsKmsMrkAwareSymmetricKeyringNode,
  CommitmentPolicy,
  KmsKeyringNode,
  buildClient,
} from "@aws-crypto/client-node";
import { KMS } from "@aws-sdk/client-kms";

// The address and the credentials are in the environment, the Region is that of the key.
const clientProvider = (region) => new KMS({ region });
const asked = JSON.parse(readFileSync(0, "utf8"));
const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);

const keyring = ([generatorKeyId, ...keyIds]) => new KmsKeyringNode({ clientProvider, generatorKeyId, keyIds });
const aware = (keyId) =>
  new AwsKmsMrkAwareSymmetricKeyringNode({ keyId, client: clientProvider(keyId.split(":")[3]) });

const making = { mrk: aware(asked.mrk.make) };
const opening = { mrk: aware(asked.mrk.open) };
for (const [name, keys] of Object.entries(asked.keys)) {
  making[name] = keyring(keys);
  opening[name] = new KmsKeyringNode({ clientProvider, keyIds: keys });
}

const opened = {};
for (const [name, message] of Object.entries(asked.messages)) {
  const { plaintext, messageHeader } = await decrypt(opening[name], Buffer.from(message, "base64"));
  opened[name] = {
    plaintext: plaintext.toString("base64"),
    context: messageHeader.encryptionContext,
    algorithm: messageHeader.suiteId,
  };
}

const made = {};
for (const [name, keys] of Object.entries(making)) {
  const { result } = await encrypt(keys, asked.plaintext, { encryptionContext: asked.context });
  made[name] = result.toString("base64");
}
console.log(JSON.stringify({ opened, made }));
