const NAME = 'CODEBUILD_RESOLVED_SOURCE_VERSION';
const given = process.env[NAME];

afterEach(() => resolveCommit(given));

/** Lets the rest of the test run as if in a synthesis that CodeBuild runs for a commit, or for none. */
export function resolveCommit(commit: string | undefined): void {
  if (commit === undefined) {
    delete process.env[NAME];
  } else {
    process.env[NAME] = commit;
  }
}
