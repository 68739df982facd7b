import { session } from './session.ts';

/** What the model tells of itself, of the wizards and of the life cycle: `GET /_kmsmodel/model`. */
export interface Model {
  account: string;
  region: string;
  partition: string;
  now: string;
  has_directory: boolean;
  principals: Principal[];
  editions: Edition[];
  wizards: Record<'create-key' | 'import-key-material', Record<Edition, Wizard>>;
  words: Record<Edition, Record<string, string>>;
  key_types: KeyType[];
  origins: { id: string; title: string; editions: Edition[]; specs: string[] }[];
  clusters: string[];
  wrapping: Record<string, WrappingChoice[]>;
  lifecycle: LifecycleTable;
}

export type Edition = 'new' | 'original';

export interface Principal {
  arn: string;
  kind: string;
  name: string;
  path: string;
  access_key_ids?: string[];
}

export interface Wizard {
  title: string;
  next: string;
  finish: string;
  steps: Step[];
}

export interface Step {
  id: string;
  title: string;
  fields: string[];
  /** The origins that this page is for; null, if it is for all. */
  origins: string[] | null;
}

export interface KeyType {
  id: string;
  title: string;
  editions: Edition[];
  usages: { id: string; title: string; specs: string[] }[];
}

export interface WrappingChoice {
  wrapping_key_spec: string;
  wrapping_algorithms: string[];
}

export interface Transition {
  from: string | null;
  to: string | null;
  by: string;
  kind: 'operation' | 'time';
  keys: string[];
}

/** A kind of key that lives as no other does. */
export interface Kind {
  id: string;
  origins: string[];
  multi_region: boolean;
  asymmetric: boolean;
}

export interface LifecycleTable {
  states: string[];
  keys: Kind[];
  transitions: Transition[];
  permits: Record<string, Record<string, string | null>>;
}

/** A request that a wizard makes, as AWS JSON, with the texts that make it elsewhere. */
export interface Drafted {
  operation: string;
  request: Record<string, unknown>;
  takes: Record<string, string[]>;
  cli: string;
  boto3: string;
}

export interface Problem {
  field: string;
  text: string;
}

interface Steps {
  steps: { id: string; problems: Problem[] }[];
  requests: Drafted[];
}

export interface CreateAnswer extends Steps {
  policy: string;
  policy_is_edited: boolean;
}

export interface ImportAnswer extends Steps {
  key: { key_spec: string; key_state: string; arn: string };
  choices: WrappingChoice[];
  download: Drafted | null;
  zip: {
    name: string;
    content_type: string;
    base64: string;
    files: { name: string; bytes: number }[];
    readme: string;
  } | null;
  commands: string | null;
  outcome: { key_state: string; text: string } | null;
}

export interface CreateDraft {
  alias: string;
  description: string;
  key_type: string;
  key_usage: string;
  key_spec: string;
  origin: string;
  acknowledged: boolean;
  multi_region: boolean;
  custom_key_store_id: string;
  xks_key_id: string;
  tags: { key: string; value: string }[];
  administrators: string[];
  administrators_may_delete: boolean;
  users: string[];
  other_accounts: string[];
  policy: string | null;
}

export interface ImportDraft {
  key_id: string;
  wrapping_key_spec: string | null;
  wrapping_algorithm: string | null;
  parameters: Record<string, unknown> | null;
  encrypted_key_material: string | null;
  import_token: string | null;
  expires: boolean;
  valid_to: string | null;
  ready: boolean;
  import_type: 'NEW_KEY_MATERIAL' | 'EXISTING_KEY_MATERIAL' | null;
  key_material_id: string | null;
  key_material_description: string | null;
}

/** What the model refuses to answer. */
export class Refused extends Error {
  override name = 'kmsmodel';
}

async function read<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const answer = await fetch(`/_kmsmodel/${path}`, init);
  const text = await answer.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused(`The server answered ${answer.status} at /_kmsmodel/${path}.`);
  }
  if (!answer.ok) {
    const { message } = body as { message?: string };
    throw new Refused(message ?? `The server answered ${answer.status} at /_kmsmodel/${path}.`);
  }
  return body as Answer;
}

/** Who asks and where, said as each AWS SDK says it; kmsmodel reads nothing else of a signature. */
function signed(): Record<string, string> {
  const { accessKeyId, region } = session();
  const scope = `${accessKeyId}/19700101/${region}/kms/aws4_request`;
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
  };
}

export function get<Answer>(path: string): Promise<Answer> {
  return read<Answer>(path, { headers: signed() });
}

export function post<Answer>(path: string, body: unknown): Promise<Answer> {
  return read<Answer>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed() },
    body: JSON.stringify(body),
  });
}

let told: Promise<Model> | undefined;

/** What does not change while the server runs, asked once. */
export function model(): Promise<Model> {
  told ??= read<Model>('model').catch((error: unknown) => {
    told = undefined;
    throw error;
  });
  return told;
}

/** The account that the access key id is, if it is one: it then stands for the root user of that account. */
function accountAsKeyId(): string | undefined {
  const { accessKeyId } = session();
  return /^\d{12}$/.test(accessKeyId) ? accessKeyId : undefined;
}

/** The account of who asks: all users and roles are of the account that the model tells. */
export function accountOf(model: Model | undefined): string | undefined {
  return accountAsKeyId() ?? model?.account;
}

/** For whom, and where, a draft is made. */
function who(): { region: string; account?: string } {
  const account = accountAsKeyId();
  return { region: session().region, ...(account !== undefined && { account }) };
}

export function draftOfKey(edition: Edition, draft: CreateDraft): Promise<CreateAnswer> {
  return post('draft', { wizard: 'create-key', edition, draft, ...who() });
}

export function draftOfImport(edition: Edition, draft: ImportDraft): Promise<ImportAnswer> {
  return post('draft', { wizard: 'import-key-material', edition, draft, ...who() });
}
