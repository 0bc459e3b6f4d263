import * as fs from 'fs';
import * as path from 'path';
import { CorpusEntry } from './entry';

/** Dockerfiles as people write them, with what they copy, each in a folder of ../dockerfiles. */
export const foldersPath = path.join(__dirname, '../dockerfiles');

interface Folder extends Pick<CorpusEntry, 'copies' | 'isTricky'> {
  /** Git keeps all with plain ends of lines. */
  readonly hasCarriageReturns?: true;
}

const expected: { readonly [name: string]: Folder } = {
  'add-archive': { copies: 'linked: 3 (lines 3, 4, 5)' },
  'add-files': { copies: 'linked: 2 (lines 2, 3)' },
  'custom-base': { copies: 'linked: 1 (line 2)', isTricky: true },
  'dotnet-chiseled': { copies: 'linked: 1 (line 3)', isTricky: true },
  'dotnet-crlf': { copies: 'linked: 2 (lines 4, 8)', hasCarriageReturns: true },
  'dotnet-web': { copies: 'linked: 1 (line 10)' },
  'dotnet-windows-style': { copies: 'linked: 1 (line 4)' },
  'go-distroless': { copies: 'linked: 1 (line 11)' },
  'go-lambda': { copies: 'linked: 1 (line 8)' },
  'go-lambda-bootstrap': { copies: 'linked: 1 (line 2)' },
  'go-scratch': { copies: 'linked: 2 (lines 7, 8)' },
  'java-lambda': { copies: ['linked: 2 (lines 2, 3)', 'fails'] },
  'java-layers': { copies: 'linked: 2 (lines 8, 9)' },
  'java-maven': { copies: 'linked: 1 (line 10)' },
  'json-and-wildcards': { copies: 'linked: 4 (lines 3, 4, 5, 6)' },
  'mode-by-run': { copies: 'linked: 1 (line 4)', isTricky: true },
  'mode-of-copy': { copies: 'as written: whether /app/private gets the mode of --chmod differs from BuildKit to BuildKit (COPY in line 3)', isTricky: true },
  'named-args': { copies: 'linked: 2 (lines 7, 8)' },
  'node-home': { copies: 'linked: 1 (line 6)', isTricky: true },
  'node-home-chown': { copies: 'linked: 1 (line 2)', isTricky: true },
  'node-lambda': { copies: 'linked: 1 (line 4)' },
  'node-linked-already': { copies: 'linked: 2 (lines 6, 7); not those before them: the COPY in line 5 says --link=false' },
  'node-multi-stage': { copies: 'linked: 3 (lines 11, 12, 13)' },
  'node-nginx': { copies: 'linked: 2 (lines 9, 10)' },
  'node-nginx-without-slash': { copies: 'linked: 2 (lines 7, 8)' },
  'node-pnpm-workspace': { copies: 'linked: 2 (lines 12, 13)' },
  'node-workdir-last': { copies: 'linked: 2 (lines 2, 3)' },
  'node-workdir-of-user': { copies: 'linked: 1 (line 5)', isTricky: true },
  'onbuild': { copies: 'linked: 1 (line 7)' },
  'php-apache': { copies: 'linked: 1 (line 3)', isTricky: true },
  'python-cgi-bin': { copies: 'linked: 1 (line 3)', isTricky: true },
  'python-config': { copies: 'linked: 2 (lines 3, 4)', isTricky: true },
  'python-heredoc': { copies: 'linked: 3 (lines 10, 15, 16)' },
  'python-heredoc-files': { copies: 'linked: 3 (lines 4, 5, 9)' },
  'python-lambda': { copies: 'linked: 1 (line 4)' },
  'python-lambda-without-slash': { copies: 'linked: 2 (lines 5, 6)', isTricky: true },
  'python-own-base': { copies: 'linked: 1 (line 15)' },
  'python-poetry': { copies: 'linked: 2 (lines 10, 11)' },
  'python-tmp': { copies: 'linked: 1 (line 2)', isTricky: true },
  'python-user-by-name': { copies: 'linked: 1 (line 6)', isTricky: true },
  'python-user-by-number': { copies: 'linked: 1 (line 3)' },
  'python-user-by-number-below-root': { copies: 'linked: 1 (line 3)', isTricky: true },
  'python-uv-installed-by-copy': { copies: 'linked: 1 (line 6)' },
  'python-web': { copies: 'linked: 1 (line 7)' },
  'rootfs': { copies: ['linked: 1 (line 2)', 'fails'] },
  'ruby-script': { copies: 'linked: 1 (line 5)' },
  'rust-musl': { copies: 'linked: 1 (line 13)', isTricky: true },
  'rust-usr-local': { copies: 'linked: 1 (line 8)' },
  'symbolic-link-by-run': { copies: 'linked: 2 (lines 3, 4)', isTricky: true },
};

export const folders: readonly CorpusEntry[] = Object.entries(expected).map(([name, { hasCarriageReturns, ...rest }]) => {
  const dockerfile = fs.readFileSync(path.join(foldersPath, name, 'Dockerfile'), 'utf8');
  return { name, context: name, dockerfile: hasCarriageReturns ? dockerfile.replace(/\n/g, '\r\n') : dockerfile, ...rest };
});
