import { awscdk, javascript, release, ReleasableCommits } from 'projen';

// The owner sets these before publishing; nothing else in the repository names a person or an address.
// The names of the packages are in docs/languages.md and in the apps in integ/languages, too, which do not compile with others.
const owner = {
  name: 'The cdk-cached-docker-build maintainers',
  email: 'maintainers@example.com',
  repository: 'https://example.com/cdk-cached-docker-build.git',
  javaPackage: 'com.example.cdk.cacheddockerbuild',
  mavenGroup: 'com.example',
  dotNetNamespace: 'Example.Cdk.CachedDockerBuild',
  goModule: 'example.com/cdk-cached-docker-build-go',
};

const name = 'cdk-cached-docker-build';

const project = new awscdk.AwsCdkConstructLibrary({
  name,
  description: 'Container images in CDK Pipelines that reuse their layers: a cached Docker build step for Lambda and ECS',
  keywords: ['codebuild', 'pipelines', 'docker', 'buildkit', 'ecr', 'lambda', 'cache', 'container'],
  author: owner.name,
  authorAddress: owner.email,
  repositoryUrl: owner.repository,
  license: 'Apache-2.0',
  copyrightOwner: owner.name,
  defaultReleaseBranch: 'main',

  // --- toolchain -------------------------------------------------------
  projenrcTs: true,
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.16.0',
  // The lowest versions supported, found by trying: `npm run integ:consumer` compiles the library with them, and synthesizes apps.
  cdkVersion: '2.215.0',
  constructsVersion: '10.0.0',
  peerDependencyOptions: { pinnedDevDependency: false },
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.3', // the very compiler jsii 6.0 bundles: one TypeScript in node_modules
  projenVersion: '0.103.25',

  // --- layout: sources in lib/, compiled output in build/ ----------------
  srcdir: 'lib',
  libdir: 'build',
  entrypoint: 'build/index.js',
  bin: { [name]: 'bundle/cached-docker-build.cjs' }, // the program that is in each cloud assembly, too
  testdir: 'test',
  sampleCode: false,

  // --- tests -------------------------------------------------------------
  jestOptions: {
    jestVersion: '^29', // jest 30 needs platform packages that not every registry mirror carries, and then `npm ci` fails
    configFilePath: 'jest.config.json',
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    junitReporting: false,
    coverageText: false,
    passWithNoTests: false,
    // On a busy machine, a test that runs the shell takes more than the usual five seconds.
    jestConfig: {
      collectCoverage: false,
      coverageProvider: 'v8',
      roots: ['<rootDir>/test'],
      testTimeout: 30_000,
      moduleNameMapper: { [`^${name}$`]: '<rootDir>/lib' }, // as the examples name it
    } as any,
  },
  experimentalIntegRunner: false,
  integrationTestAutoDiscover: false,
  lambdaAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  singletonLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,

  eslintOptions: {
    commandOptions: { fix: false }, // a linter that mends hides what it found
    dirs: ['lib'],
    devdirs: ['runner', 'test', 'integ', 'bench', 'projenrc', 'examples'],
    ignorePatterns: ['*.js', '*.d.ts', 'node_modules/', 'build/', 'coverage', '*.snapshot/', '.parts/', 'cdk.out/', 'integ/consumer/app/', 'bundle/', '.package/', 'examples/*/*/', 'dist/'],
  },

  // --- language targets ----------------------------------------------------
  publishToPypi: { distName: name, module: 'cdk_cached_docker_build', trustedPublishing: true },
  publishToMaven: { javaPackage: owner.javaPackage, mavenGroupId: owner.mavenGroup, mavenArtifactId: name, mavenServerId: 'central-ossrh' },
  publishToNuget: { dotNetNamespace: owner.dotNetNamespace, packageId: owner.dotNetNamespace, trustedPublishing: true },
  publishToGo: { moduleName: owner.goModule },

  // --- releases: a workflow of GitHub, started by hand. CONTRIBUTING.md says what the owner sets up ---
  github: true,
  githubOptions: { mergify: false, pullRequestLint: false },
  release: true,
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(),
  releasableCommits: ReleasableCommits.featuresAndFixes(),
  bumpPackage: 'commit-and-tag-version@^12', // 13 needs a newer Node.js than the rest
  // Without a tag, this is the first release. What is of version 0.0.0 is none.
  nextVersionCommand: '[ "$VERSION" != 0.0.0 ] || echo 0.1.0',
  workflowNodeVersion: '20.x',
  npmTrustedPublishing: true, // without a token, and with provenance
  buildWorkflow: false,
  depsUpgrade: false,
  pullRequestTemplate: false,
  stale: false,

  // Reads Dockerfiles at synthesis. It ships inside the package, since a library of the CDK cannot leave it to its users to install.
  bundledDeps: ['dockerfile-ast@0.7.1'],
  devDeps: [
    // What the runner is made of, and what makes one file of it
    'commander@13.1.0', // the last major for Node.js 18
    'esbuild@0.28.2',
    'https-proxy-agent@7.0.6',
    'proxy-from-env@1.1.0',
    'tar-stream@3.1.7',
    '@types/tar-stream@3.1.4',
    'cdk-assets@4.7.3', // what the Assets stage of a pipeline installs, played in two versions
    'cdk-assets-older@npm:cdk-assets@4.4.13',
    'aws-cdk@^2.1148.1', // the CLI published as 3.0.0 is older than 2.1148 and cannot read today's assemblies
    'cdk-nag@^3.0.2',
    'cdk-nag-2@npm:cdk-nag@2.37.55', // the major before, which many apps still have
    'cdk-pipelines-github@0.4.139', // CDK Pipelines on GitHub Actions, whose workflow is played
    'yaml@2.9.0', // reads the workflow that is played
    'fast-check@4',
    // Look at the page of the reports, in Chromium as the machine has it
    'playwright-core@1.65.1',
    'axe-core@4.14.1',
    '@aws-cdk/integ-runner@^2.197.10',
    '@aws-cdk/integ-tests-alpha@^2.245.0-alpha.0',
  ],
});

// What is compiled and tested with: the newest whose cloud assembly integ-runner can read. cdk-nag takes no lower one.
project.addDevDeps('aws-cdk-lib@2.257.0', 'constructs@10.5.1');

// 4.x needs platform packages as jest 30 does; 3.6 is plain JavaScript
project.deps.removeDependency('eslint-import-resolver-typescript');
project.addDevDeps('eslint-import-resolver-typescript@~3.6.3');

// --- dependencies inside lib/ point one way ------------------------------------
// What each folder may import from; `step` may import from all.
const folders: { [folder: string]: string[] } = {
  plan: [],
  values: ['plan'],
  dockerfile: [],
  nag: [],
  metrics: ['plan'],
  context: ['dockerfile', 'plan', 'values'],
  secret: ['values'],
  registry: ['nag', 'plan', 'secret', 'values'],
  repository: ['plan', 'registry', 'values'],
  image: ['context', 'dockerfile', 'plan', 'registry', 'repository', 'secret', 'values'],
  cache: ['context', 'dockerfile', 'image', 'plan', 'registry', 'repository', 'values'],
  builder: ['cache', 'context', 'dockerfile', 'image', 'plan', 'registry', 'repository', 'secret', 'values'],
  assets: ['builder', 'image', 'plan', 'registry', 'repository'],
  watching: ['metrics', 'step'],
};
project.eslint!.addRules({
  'import/no-restricted-paths': ['error', {
    zones: Object.entries(folders).map(([folder, others]) => ({ target: `./lib/${folder}`, from: './lib', except: [folder, ...others].map((allowed) => `./${allowed}`) })),
  }],
});
// A program that is bundled for the build imports these two, and the CDK is not there.
project.eslint!.addOverride({
  files: ['lib/dockerfile/**', 'lib/plan/**'],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'] }] },
});

// --- no registry host in package-lock.json, whoever writes it ------------------
new javascript.NpmConfig(project).addConfig('omit-lockfile-registry-resolved', 'true');

// --- `package` makes the npm tarball only; `package-all` the other languages (needs their registries) ---
const stage = project.addTask('stage-package', {
  description: 'Copy what is published to .package/, with a README whose links lead to the repository',
  exec: 'ts-node --transpile-only --project projenrc/tsconfig.json projenrc/stage-package.ts',
});
for (const language of ['js', 'python', 'java', 'dotnet', 'go']) {
  const task = project.tasks.tryFind(`package:${language}`)!;
  task.reset(language === 'js' ? 'jsii-pacmak --target js --outdir "$PWD/dist" .package' : `bash rosetta/package.sh ${language}`);
  task.prependSpawn(stage);
}
project.packageTask.reset();
project.packageTask.spawn(project.tasks.tryFind('package:js')!);

// --- the integ folder: linted, type-checked, never published -----------------
project.npmignore!.exclude('/integ/', '/bench/', '/docs/', '/examples/', '/rosetta/', '/tsconfig.json', '.shellcheckrc', '.jsii.tabl.json', '/.ci/', '/.parts/', '/.package/', 'CONTRIBUTING.md', 'SECURITY.md');
new javascript.TypescriptConfig(project, {
  fileName: 'integ/tsconfig.json',
  include: ['**/*.ts'],
  exclude: ['node_modules', '**/*.snapshot/**', '**/cdk.out/**', 'consumer/app', 'page'],
  compilerOptions: { noEmit: true, rootDir: '..' },
}).addExtends(project.tsconfig!);
new javascript.TypescriptConfig(project, {
  fileName: 'integ/page/tsconfig.json',
  include: ['**/*.ts'],
  compilerOptions: { noEmit: true, rootDir: '../..', lib: ['es2022', 'dom', 'dom.iterable'] }, // parts of the tests run in a browser
}).addExtends(project.tsconfig!);
new javascript.TypescriptConfig(project, {
  fileName: 'bench/tsconfig.json',
  include: ['**/*.ts'],
  compilerOptions: { noEmit: true, rootDir: '..' },
}).addExtends(project.tsconfig!);

// --- the examples: apps of somebody else, who knows the library by its name ----------
new javascript.TypescriptConfig(project, {
  fileName: 'examples/tsconfig.json',
  include: ['*/app.ts'],
  compilerOptions: { noEmit: true, rootDir: '..', paths: { [name]: ['../lib'] } },
}).addExtends(project.tsconfig!);
project.eslint!.addOverride({ files: ['examples/**'], rules: { 'import/no-unresolved': ['error', { ignore: [`^${name}$`] }] } });

new javascript.TypescriptConfig(project, {
  fileName: 'runner/tsconfig.json',
  include: ['**/*.ts'],
  compilerOptions: { noEmit: true, rootDir: '..', types: ['node'] },
}).addExtends(project.tsconfig!);
const bundle = project.addTask('bundle', {
  description: 'Make the one file of the runner that builds run',
  exec: 'ts-node --transpile-only --project projenrc/tsconfig.json projenrc/bundle-runner.ts',
});
// Why the lowest versions are no devDependencies is said where those are.
project.compileTask.reset('jsii --silence-warnings=reserved-word --silence-warnings=metadata/missing-dev-dependency');
project.compileTask.prependSpawn(bundle); // the package holds it, and nothing that is packed is older than what was compiled
project.npmignore!.exclude('/runner/');
project.npmignore!.include('/bundle/');

// A release does not take away what the last one had, unless .compatignore says so.
project.postCompileTask.spawn(project.tasks.tryFind('compat')!, { condition: '[ "$RELEASE" = true ]' });
// npm takes packages without a token from newer ones only.
project.github!.tryFindWorkflow('release')!.file!.addOverride('jobs.release_npm.steps.0.with.node-version', '24.x');

const play = 'ts-node --transpile-only --project integ/tsconfig.json integ/local';
const snapshots = 'integ-runner --directory integ --language typescript';

/** A task that synthesizes, for which the runner has to be there as it is now. */
function synthesizing(task: string, description: string, exec: string | string[],
  options: { env?: { [variable: string]: string }; receiveArgs?: boolean } = {}) {
  const steps = [exec].flat().map((command) => ({ exec: command, receiveArgs: options.receiveArgs }));
  return project.addTask(task, { description, env: options.env, steps: [{ spawn: bundle.name }, ...steps] });
}

const transpile = { TS_NODE_TRANSPILE_ONLY: '1', TS_NODE_PREFER_TS_EXTS: 'true' };
const integ = synthesizing('integ', 'Compare the snapshots of the example pipelines', snapshots, { env: transpile });
synthesizing('integ:snapshot', 'Rewrite the snapshots of the example pipelines, without deploying', [
  `${snapshots} --update-on-failed --dry-run --force`,
  'rm -f integ/*.snapshot/cached-docker-build.cjs', // a second copy of the runner proves nothing
  // the traces in there hold the path of this machine
  'find integ -path \'*.snapshot/*\' -name \'*.metadata.json\' -exec perl -pi -e \'s|\\Q$ENV{PWD}\\E|.|g\' {} +',
], { env: transpile });
synthesizing('demo', 'Synthesize the example pipeline and play its build on this machine: first build, source change, no change', `${play}/demo/demo.ts`);
synthesizing('integ:local', 'Play the synthesized builds on this machine, against a real BuildKit, a real registry and engines', `${play}/run.ts`, {
  receiveArgs: true,
});
for (const [task, script, description] of [
  ['bench', 'run', 'Measure ways to build an image: [--list] [--only ROW]... [--dockerfile NAME]... [--rounds N] [--size NAME]'],
  ['bench:builders', 'builders', 'Measure how long a build waits for a BuildKit, on several Docker engines'],
  ['bench:images', 'images-together', 'Measure twelve images in one step, beside twelve steps of one image'],
  ['bench:synth', 'many-images', 'Measure the synthesis of pipelines with many images and of large contexts'],
]) {
  synthesizing(task, description, `ts-node --transpile-only --project bench/tsconfig.json bench/${script}.ts`, { receiveArgs: true });
}
const consumer = project.addTask('integ:consumer', {
  description: 'Install the packed library into fresh CDK apps, with the lowest aws-cdk-lib, that of the tests and the newest, and compare what they synthesize',
  exec: 'bash integ/consumer/run.sh',
});

project.addTask('integ:languages', {
  description: 'Install the packages for Python, Java and Go into fresh CDK apps, and compare what they synthesize with TypeScript: [python | java | go | dotnet]...',
  exec: 'bash integ/languages/run.sh',
  receiveArgs: true,
});

const page = project.addTask('integ:page', {
  description: 'Look at the page of the reports in the Chromium of this machine',
  exec: 'jest --config integ/page/jest.config.json --ci',
  receiveArgs: true,
});

synthesizing('pictures', 'Draw the pictures of the guides that are made by code; needs a Chromium', 'ts-node --transpile-only --project integ/tsconfig.json integ/pictures/draw.ts');

const dryRun = project.addTask('integ:release', {
  description: 'Make versions and changelogs of a few commits, and compare the API with one that has more, as a release does',
  exec: 'bash integ/release/dry-run.sh',
});

// --- what `npm test` is: everything that needs no root and no engine -------------
const shellcheck = project.addTask('shellcheck', {
  description: 'Lint all shell of the repository',
  exec: `${play}/shellcheck.ts`,
});
const snippets = project.addTask('snippets', {
  description: 'Compile the snippets of README.md and docs/ against the compiled library',
  exec: 'bash rosetta/snippets.sh',
});
const typecheck = project.addTask('typecheck', {
  description: 'Check the types of everything that is only transpiled when it runs',
  exec: ['runner', 'test', 'integ', 'integ/page', 'bench', 'examples'].map((folder) => `tsc --noEmit --project ${folder}/tsconfig.json`).join(' && '),
});
const unit = synthesizing('unit', 'Run the unit tests', 'jest --ci --maxWorkers=100%', { receiveArgs: true });
project.testTask.reset();
for (const task of [project.tasks.tryFind('eslint')!, typecheck, shellcheck, unit, page, snippets, integ, consumer, dryRun]) {
  project.testTask.spawn(task);
}
project.package.setScript('test', 'projen compile && projen test'); // `projen build` has compiled before it tests

project.gitignore.addPatterns('/bundle/', '/.package/', '/examples/github-actions/.github/', 'cdk.out/', '.parts/', '.jsii.tabl.json', '.jsii.gz', 'integ/cdk-integ.out.*', '!/integ/*.snapshot/**');

project.synth();
