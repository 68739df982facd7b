export default function Page(_: { edition?: string; keyId?: string; tab?: string | undefined }) {
  return null;
}
