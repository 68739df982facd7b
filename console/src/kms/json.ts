import type { Request } from './operations.ts';

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** A value as AWS JSON 1.1 has it: dates in seconds, bytes in base64. */
export function awsJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64(value);
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(awsJson);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => [name, awsJson(member)]),
    );
  }
  return value;
}

const BYTES = new Set(['EncryptedKeyMaterial', 'ImportToken']);

/** The members of a request in AWS JSON, as the SDK takes them. */
export function fromAwsJson<Name extends Request['operation']>(
  members: Record<string, unknown>,
): Request<Name>['input'] {
  const input = Object.entries(members).map(([name, member]) => {
    if (BYTES.has(name)) return [name, fromBase64(member as string)];
    if (name === 'ValidTo') return [name, new Date((member as number) * 1000)];
    return [name, member];
  });
  return Object.fromEntries(input) as Request<Name>['input'];
}
