import { awscdk, javascript } from 'projen';

// The owner sets these before publishing; nothing else in the repository names a person or an address.
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
  // The lowest version supported, and the one everything here is compiled and tested against.
  // It is also the newest whose cloud assembly integ-runner can read.
  cdkVersion: '2.257.0',
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.3', // the very compiler jsii 6.0 bundles: one TypeScript in node_modules
  projenVersion: '0.103.25',

  // --- layout: sources in lib/, compiled output in build/ ----------------
  srcdir: 'lib',
  libdir: 'build',
  entrypoint: 'build/index.js',
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
    jestConfig: { collectCoverage: false, coverageProvider: 'v8' } as any,
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
    devdirs: ['test', 'integ', 'projenrc'],
    ignorePatterns: ['*.js', '*.d.ts', 'node_modules/', 'build/', 'coverage', '*.snapshot/', '.parts/', 'cdk.out/'],
  },

  // --- language targets ----------------------------------------------------
  publishToPypi: { distName: name, module: 'cdk_cached_docker_build' },
  publishToMaven: { javaPackage: owner.javaPackage, mavenGroupId: owner.mavenGroup, mavenArtifactId: name },
  publishToNuget: { dotNetNamespace: owner.dotNetNamespace, packageId: owner.dotNetNamespace },
  publishToGo: { moduleName: owner.goModule },

  // --- off: everything that is about a hosted forge ------------------------
  github: false,
  release: false,
  buildWorkflow: false,
  depsUpgrade: false,
  pullRequestTemplate: false,

  devDeps: [
    'aws-cdk@^2.1148.1', // the CLI published as 3.0.0 is older than 2.1148 and cannot read today's assemblies
    'cdk-nag@^3.0.2',
    '@aws-cdk/integ-runner@^2.197.10',
    '@aws-cdk/integ-tests-alpha@^2.245.0-alpha.0',
  ],
});

// 4.x needs platform packages as jest 30 does; 3.6 is plain JavaScript
project.deps.removeDependency('eslint-import-resolver-typescript');
project.addDevDeps('eslint-import-resolver-typescript@~3.6.3');

// --- no registry host in package-lock.json, whoever writes it ------------------
new javascript.NpmConfig(project).addConfig('omit-lockfile-registry-resolved', 'true');

// --- `package` makes the npm tarball only; `package-all` the other languages (needs their registries) ---
project.packageTask.reset();
project.packageTask.spawn(project.tasks.tryFind('package:js')!);

// --- the integ folder: linted, type-checked, never published -----------------
project.npmignore!.exclude('/integ/', '/bench/', '/docs/', '/tsconfig.json', '/.ci/', '/.parts/', 'CONTRIBUTING.md');
new javascript.TypescriptConfig(project, {
  fileName: 'integ/tsconfig.json',
  include: ['**/*.ts'],
  exclude: ['node_modules', '**/*.snapshot/**', '**/cdk.out/**'],
  compilerOptions: { noEmit: true, rootDir: '..' },
}).addExtends(project.tsconfig!);
project.gitignore.addPatterns('cdk.out/', '.parts/', 'integ/cdk-integ.out.*', '!/integ/*.snapshot/**');

project.synth();
