import type { CreateDraft, Edition, Model, Problem } from '../server.ts';

/** What the fields of a step show, and what they do with it. */
export interface FieldsProps {
  fields: string[];
  model: Model;
  edition: Edition;
  draft: CreateDraft;
  edit: (part: Partial<CreateDraft>) => void;
  policy: string | undefined;
  problems: Problem[];
}
