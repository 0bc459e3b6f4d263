/** What is expected of a Dockerfile of this folder. */
export interface CorpusEntry {
  readonly name: string;
  /** The lines that get `--link`. */
  readonly linked: readonly number[];
  /** The lines that do not, and what the reason names. */
  readonly left: { readonly [line: number]: string };
  /** Whether `--link` everywhere would make another image, or none. */
  readonly isTricky?: true;
  /** Git keeps all with plain ends of lines. */
  readonly hasCarriageReturns?: true;
}

export const corpus: readonly CorpusEntry[] = [
  { name: 'add-archive', linked: [], left: {} },
  { name: 'add-files', linked: [], left: {} },
  { name: 'custom-base', linked: [], left: {} },
  { name: 'dotnet-chiseled', linked: [], left: {} },
  { name: 'dotnet-crlf', linked: [], left: {}, hasCarriageReturns: true },
  { name: 'dotnet-web', linked: [], left: {} },
  { name: 'dotnet-windows-style', linked: [], left: {} },
  { name: 'go-distroless', linked: [], left: {} },
  { name: 'go-lambda', linked: [], left: {} },
  { name: 'go-lambda-bootstrap', linked: [], left: {} },
  { name: 'go-scratch', linked: [], left: {} },
  { name: 'java-lambda', linked: [], left: {} },
  { name: 'java-layers', linked: [], left: {} },
  { name: 'java-maven', linked: [], left: {} },
  { name: 'json-and-wildcards', linked: [], left: {} },
  { name: 'mode-by-run', linked: [], left: {} },
  { name: 'mode-of-copy', linked: [], left: {} },
  { name: 'named-args', linked: [], left: {} },
  { name: 'node-home', linked: [], left: {} },
  { name: 'node-home-chown', linked: [], left: {} },
  { name: 'node-lambda', linked: [], left: {} },
  { name: 'node-linked-already', linked: [], left: {} },
  { name: 'node-multi-stage', linked: [], left: {} },
  { name: 'node-nginx', linked: [], left: {} },
  { name: 'node-nginx-without-slash', linked: [], left: {} },
  { name: 'node-pnpm-workspace', linked: [], left: {} },
  { name: 'node-workdir-last', linked: [], left: {} },
  { name: 'node-workdir-of-user', linked: [], left: {} },
  { name: 'old-syntax', linked: [], left: {} },
  { name: 'onbuild', linked: [], left: {} },
  { name: 'php-apache', linked: [], left: {} },
  { name: 'python-cgi-bin', linked: [], left: {} },
  { name: 'python-config', linked: [], left: {} },
  { name: 'python-heredoc', linked: [], left: {} },
  { name: 'python-heredoc-files', linked: [], left: {} },
  { name: 'python-lambda', linked: [], left: {} },
  { name: 'python-lambda-without-slash', linked: [], left: {} },
  { name: 'python-own-base', linked: [], left: {} },
  { name: 'python-poetry', linked: [], left: {} },
  { name: 'python-tmp', linked: [], left: {} },
  { name: 'python-user-by-name', linked: [], left: {} },
  { name: 'python-user-by-number', linked: [], left: {} },
  { name: 'python-user-by-number-below-root', linked: [], left: {} },
  { name: 'python-uv-installed-by-copy', linked: [], left: {} },
  { name: 'python-web', linked: [], left: {} },
  { name: 'rootfs', linked: [], left: {} },
  { name: 'ruby-script', linked: [], left: {} },
  { name: 'rust-musl', linked: [], left: {} },
  { name: 'rust-usr-local', linked: [], left: {} },
  { name: 'symbolic-link-by-run', linked: [], left: {} },
];
