import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { absoluteLinks } from './absolute-links';

const root = path.join(__dirname, '..');

/** Copies what is published into a directory of its own, as it is published: its README is read far from the repository. */
export function stagePackage(directory = path.join(root, '.package')): void {
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const [tarball] = fs.readdirSync(directory).map((file) => path.join(directory, file));
  execFileSync('tar', ['--extract', '--file', tarball, '--directory', directory, '--strip-components', '1']);
  fs.rmSync(tarball);

  const { repository, version } = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));
  const readme = path.join(directory, 'README.md');
  fs.writeFileSync(readme, absoluteLinks(fs.readFileSync(readme, 'utf8'), repository.url, version));

  // The Construct Hub and the packages of the other languages have it from here.
  const assembly = path.join(directory, '.jsii');
  const { readme: { markdown }, ...rest } = JSON.parse(fs.readFileSync(assembly, 'utf8'));
  fs.writeFileSync(assembly, JSON.stringify({ ...rest, readme: { markdown: absoluteLinks(markdown, repository.url, version) } }, null, 2));
}

if (require.main === module) stagePackage();
