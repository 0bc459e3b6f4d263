import * as fs from 'fs';
import * as path from 'path';
import { baseImage } from './base-image';
import { ownBase } from './own-base';
import { freshDirectory } from '../../integ/local/world/directories';

const head = `WORKDIR /app
COPY requirements.txt ./
RUN pip install --requirement requirements.txt --target /app/deps
`;
const tail = `COPY src /app/src
CMD ["python3", "/app/src/app.py"]
`;

/** The Dockerfiles everything is built with: A has one stage, B builds its dependencies in a stage of its own, of the base image and the `RUN` of C nothing is known. */
export const dockerfiles: { readonly [name: string]: string } = {
  A: `FROM ${baseImage.full}
${head}${tail}`,
  B: `FROM ${baseImage.full} AS builder
${head}
FROM ${baseImage.slim}
WORKDIR /app
COPY --from=builder /app/deps /app/deps
${tail}`,
  C: `FROM ${ownBase.image}
WORKDIR $SERVICE_HOME/../current/.
COPY --chown=service requirements.txt .
RUN provision requirements.txt
COPY --chown=service src src
CMD ["python3", "src/app.py"]
`,
};

/** What may have changed since the build before, in the order in which it is built. */
export const changes = ['cold', 'no change', 'source 1', 'source 2', 'dependency'] as const;
export type Change = typeof changes[number];

/** The files of an app whose image is built again and again: 170 kB of source, ten packages it depends on. */
export class Workload {
  public readonly directory = freshDirectory('workload');
  private source = 'cold';
  private version = '1.0.0';

  public constructor(private readonly dockerfile: string) {
    fs.mkdirSync(path.join(this.directory, 'src'));
    this.write('Dockerfile', dockerfiles[dockerfile]);
    for (let module = 0; module < 20; module++) this.write(`src/module${module}.py`, '# a line of the source\n'.repeat(360));
    this.writeChanging();
  }

  /** Changes what a team would have changed. */
  public change(change: Change | `source ${number}`): void {
    if (change.startsWith('source')) this.source = change;
    if (change === 'dependency') this.version = '2.0.0';
    this.writeChanging();
  }

  /** What an image of these files holds, by the path of the file. */
  public get expected(): { readonly [file: string]: string } {
    const app = this.dockerfile === 'C' ? ownBase.directory : 'app';
    return { [`${app}/src/app.py`]: this.app, [`${app}/deps/package0/version.txt`]: this.version };
  }

  private get app(): string {
    return `print('${this.source}')\n`;
  }

  private writeChanging() {
    this.write('src/app.py', this.app);
    const packages = Array.from({ length: 10 }, (_, i) => `package${i}==${i === 0 ? this.version : '1.0.0'}\n`);
    this.write('requirements.txt', packages.join(''));
  }

  private write(file: string, content: string) {
    fs.writeFileSync(path.join(this.directory, file), content);
  }
}
