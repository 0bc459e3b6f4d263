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
  'add-archive': { copies: '?' },
  'add-files': { copies: '?' },
  'custom-base': { copies: '?', isTricky: true },
  'dotnet-chiseled': { copies: '?', isTricky: true },
  'dotnet-crlf': { copies: '?', hasCarriageReturns: true },
  'dotnet-web': { copies: '?' },
  'dotnet-windows-style': { copies: '?' },
  'go-distroless': { copies: '?' },
  'go-lambda': { copies: '?' },
  'go-lambda-bootstrap': { copies: '?' },
  'go-scratch': { copies: '?' },
  'java-lambda': { copies: '?' },
  'java-layers': { copies: '?' },
  'java-maven': { copies: '?' },
  'json-and-wildcards': { copies: '?' },
  'mode-by-run': { copies: '?', isTricky: true },
  'mode-of-copy': { copies: '?', isTricky: true },
  'named-args': { copies: '?' },
  'node-home': { copies: '?', isTricky: true },
  'node-home-chown': { copies: '?', isTricky: true },
  'node-lambda': { copies: '?' },
  'node-linked-already': { copies: '?' },
  'node-multi-stage': { copies: '?' },
  'node-nginx': { copies: '?' },
  'node-nginx-without-slash': { copies: '?' },
  'node-pnpm-workspace': { copies: '?' },
  'node-workdir-last': { copies: '?' },
  'node-workdir-of-user': { copies: '?', isTricky: true },
  'onbuild': { copies: '?' },
  'php-apache': { copies: '?', isTricky: true },
  'python-cgi-bin': { copies: '?', isTricky: true },
  'python-config': { copies: '?', isTricky: true },
  'python-heredoc': { copies: '?' },
  'python-heredoc-files': { copies: '?' },
  'python-lambda': { copies: '?' },
  'python-lambda-without-slash': { copies: '?', isTricky: true },
  'python-own-base': { copies: '?' },
  'python-poetry': { copies: '?' },
  'python-tmp': { copies: '?', isTricky: true },
  'python-user-by-name': { copies: '?', isTricky: true },
  'python-user-by-number': { copies: '?' },
  'python-user-by-number-below-root': { copies: '?', isTricky: true },
  'python-uv-installed-by-copy': { copies: '?' },
  'python-web': { copies: '?' },
  'rootfs': { copies: '?' },
  'ruby-script': { copies: '?' },
  'rust-musl': { copies: '?', isTricky: true },
  'rust-usr-local': { copies: '?' },
  'symbolic-link-by-run': { copies: '?', isTricky: true },
};

export const folders: readonly CorpusEntry[] = Object.entries(expected).map(([name, { hasCarriageReturns, ...rest }]) => {
  const dockerfile = fs.readFileSync(path.join(foldersPath, name, 'Dockerfile'), 'utf8');
  return { name, context: name, dockerfile: hasCarriageReturns ? dockerfile.replace(/\n/g, '\r\n') : dockerfile, ...rest };
});
