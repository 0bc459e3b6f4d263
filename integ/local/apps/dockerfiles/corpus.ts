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
  { name: 'add-archive', linked: [5], left: { 3: 'ADD may unpack an archive', 4: 'the ADD in line 3' } },
  { name: 'add-files', linked: [2, 3], left: {} },
  { name: 'custom-base', linked: [], left: { 2: 'nothing is known of the directories of the base image' }, isTricky: true },
  { name: 'dotnet-chiseled', linked: [], left: { 3: 'another user than root' }, isTricky: true },
  { name: 'dotnet-crlf', linked: [4, 8], left: {}, hasCarriageReturns: true },
  { name: 'dotnet-web', linked: [10], left: {} },
  { name: 'dotnet-windows-style', linked: [4], left: {} },
  { name: 'go-distroless', linked: [11], left: {} },
  { name: 'go-lambda', linked: [8], left: {} },
  { name: 'go-lambda-bootstrap', linked: [], left: { 2: '/var/runtime may be' } },
  { name: 'go-scratch', linked: [8], left: {} },
  { name: 'java-lambda', linked: [2, 3], left: {} },
  { name: 'java-layers', linked: [8, 9], left: {} },
  { name: 'java-maven', linked: [10], left: {} },
  { name: 'json-and-wildcards', linked: [3, 4, 5, 6], left: {} },
  { name: 'mode-by-run', linked: [], left: { 4: 'the RUN in line 3 names /app' }, isTricky: true },
  { name: 'mode-of-copy', linked: [5], left: { 3: 'does not link a copy with --chmod', 4: 'the COPY in line 3' }, isTricky: true },
  { name: 'named-args', linked: [7, 8], left: {} },
  { name: 'node-home', linked: [], left: { 6: '/home may be' }, isTricky: true },
  { name: 'node-home-chown', linked: [], left: { 2: 'would give /home to 1000:1000' }, isTricky: true },
  { name: 'node-lambda', linked: [4], left: {} },
  { name: 'node-linked-already', linked: [7], left: { 4: 'the COPY in line 5', 5: '--link=false' } },
  { name: 'node-multi-stage', linked: [11, 12, 13], left: {} },
  { name: 'node-nginx', linked: [9, 10], left: {} },
  { name: 'node-nginx-without-slash', linked: [], left: { 7: '/etc/nginx/conf.d/default.conf may be', 8: 'end the destination with a slash' } },
  { name: 'node-pnpm-workspace', linked: [12, 13], left: {} },
  { name: 'node-workdir-last', linked: [], left: { 2: 'the WORKDIR in line 4', 3: 'the WORKDIR in line 4' } },
  { name: 'node-workdir-of-user', linked: [], left: { 5: 'the RUN in line 2 names /app' }, isTricky: true },
  { name: 'old-syntax', linked: [], left: { 4: 'too old' } },
  { name: 'onbuild', linked: [], left: { 7: 'ONBUILD' } },
  { name: 'php-apache', linked: [], left: { 3: '/var/www may be' }, isTricky: true },
  { name: 'python-cgi-bin', linked: [], left: { 3: '/bin may be' }, isTricky: true },
  { name: 'python-config', linked: [], left: { 3: 'the COPY in line 4', 4: '/var/run may be' }, isTricky: true },
  { name: 'python-heredoc', linked: [], left: { 10: 'the COPY in line 16', 15: 'the COPY in line 16', 16: '--chmod' } },
  { name: 'python-heredoc-files', linked: [4, 5, 9], left: {} },
  { name: 'python-lambda', linked: [4], left: {} },
  { name: 'python-lambda-without-slash', linked: [5, 6], left: {}, isTricky: true },
  { name: 'python-own-base', linked: [15], left: {} },
  { name: 'python-poetry', linked: [10, 11], left: {} },
  { name: 'python-tmp', linked: [], left: { 2: '/tmp may be' }, isTricky: true },
  { name: 'python-user-by-name', linked: [], left: { 6: 'write the numbers' }, isTricky: true },
  { name: 'python-user-by-number', linked: [3], left: {} },
  { name: 'python-user-by-number-below-root', linked: [], left: { 3: 'would give /service to 10001:10001' }, isTricky: true },
  { name: 'python-uv-installed-by-copy', linked: [6], left: {} },
  { name: 'python-web', linked: [7], left: {} },
  { name: 'rootfs', linked: [], left: { 2: 'may be symbolic links' } },
  { name: 'ruby-script', linked: [], left: { 5: './setup.sh' } },
  { name: 'rust-musl', linked: [], left: { 13: '/bin may be' }, isTricky: true },
  { name: 'rust-usr-local', linked: [8], left: {} },
  { name: 'symbolic-link-by-run', linked: [4], left: { 3: 'the RUN in line 2 names /data/current' }, isTricky: true },
];
