import type { Problem } from '../server.ts';

/** What is wrong with a member of the draft. */
export function textOf(problems: Problem[], field: string): string | undefined {
  return problems.find((problem) => problem.field === field)?.text;
}
