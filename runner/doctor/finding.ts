/** What was found out about one thing that a build needs. */
export interface Finding {
  readonly result: 'ok' | 'warning' | 'problem';
  /** What was looked at, such as `engine`. Stays the same in all versions, for programs. */
  readonly check: string;
  readonly text: string;
  /** What to do about it. */
  readonly todo?: string;
}

export function ok(check: string, text: string): Finding {
  return { result: 'ok', check, text };
}

/** Builds work, but not as well as they could, or it cannot be told. */
export function warn(check: string, text: string, todo: string): Finding {
  return { result: 'warning', check, text, todo };
}

export function problem(check: string, text: string, todo: string): Finding {
  return { result: 'problem', check, text, todo };
}
