/** What a path of an image is. */
export type PathState =
  /** Nothing is there. */
  | 'absent'
  /** A directory of root that everyone may read (0755), not a symbolic link. */
  | 'directory'
  /** Such a directory, or nothing. */
  | 'perhaps'
  | 'file'
  | 'unknown';

/** An image whose directories are known well enough. */
export interface BaseImage {
  /** Whether its processes are those of root, unless the Dockerfile says otherwise. */
  readonly isRoots: boolean;
  readonly workingDirectory?: string;
  readonly environment: { readonly [name: string]: string };
  state(path: string): PathState;
}

/** Docker's official images of languages and systems. Those of applications have directories of users of their own. */
const OFFICIAL = [
  'alpine', 'amazoncorretto', 'amazonlinux', 'buildpack-deps', 'busybox', 'debian', 'eclipse-temurin', 'golang', 'maven', 'nginx', 'node',
  'openjdk', 'perl', 'php', 'pypy', 'python', 'ruby', 'rust', 'swift', 'ubuntu',
];

/** Of others, some start with a symbolic link, or have directories that root gave to others. */
const PLAIN = ['/etc', '/mnt', '/opt', '/srv', '/usr', '/usr/local', '/usr/local/bin', '/usr/share', '/usr/src', '/var'];

/** What such images have at the top; whatever is not one of these is not there. */
const TOP = /^\/(bin|boot|busybox|dev|docker-entrypoint\.(d|sh)|etc|go|home|lambda-entrypoint\.sh|lib|lib32|lib64|libx32|local|lost\+found|media|mnt|opt|proc|root|run|sbin|selinux|srv|sys|tmp|usr|var|\..*)$/;

/** Directories of others, and what is known to be in them. */
const EMPTY: { readonly [directory: string]: RegExp } = {
  '/mnt': /^$/,
  '/opt': /^(aws|extensions|java|rh|yarn.*)$/,
  '/srv': /^(ftp|http|tftp|www)$/,
  '/usr/src': /^(debug|kernels|php.*|python.*)$/,
};

const LAMBDA = { LAMBDA_TASK_ROOT: '/var/task', LAMBDA_RUNTIME_DIR: '/var/runtime' };

/** The image that `FROM` names, if it is one of those whose directories are known. */
export function baseImage(reference: string): BaseImage | undefined {
  if (reference === 'scratch') {
    return { isRoots: true, workingDirectory: '/', environment: {}, state: () => 'absent' };
  }
  const match = /^([^:@]+)(?::([^@]+))?(?:@.*)?$/.exec(reference);
  if (!match) {
    return undefined;
  }
  const [, name, tag = ''] = match;
  const official = /^(?:(?:(?:index\.)?docker\.io|public\.ecr\.aws\/docker)\/)?(?:library\/)?([a-z-]+)$/.exec(name)?.[1];
  const isLambda = /^public\.ecr\.aws\/lambda\/[a-z]+$/.test(name);
  const isNginx = official === 'nginx';
  if (!(official && OFFICIAL.includes(official)) && !isLambda && !/^public\.ecr\.aws\/(amazonlinux\/amazonlinux|amazoncorretto\/amazoncorretto)$/.test(name)
    && !/^mcr\.microsoft\.com\/dotnet\/(aspnet|runtime|runtime-deps|sdk)$/.test(name) && !/^gcr\.io\/distroless\/[\w.-]+$/.test(name)) {
    return undefined;
  }
  if (/onbuild|windows|nanoserver|jessie|stretch/.test(tag)) { // those of old Debian have /usr/local of the group staff
    return undefined;
  }
  return {
    isRoots: !isOther(tag),
    workingDirectory: isLambda ? '/var/task' : official === 'golang' ? '/go' : ['perl', 'php'].includes(official!) || isOther(tag) ? undefined : '/',
    environment: isLambda ? LAMBDA : {},
    state: (path) => isLambda && path === '/var/task' ? 'directory'
      : isNginx && /^\/(usr\/share\/nginx(\/html)?|etc\/nginx(\/conf\.d)?)$/.test(path) ? 'perhaps'
        : stateInMost(path),
  };
}

/** Whether the processes of the image are not those of root. */
function isOther(tag: string): boolean {
  return /nonroot|chiseled|distroless/.test(tag);
}

function stateInMost(path: string): PathState {
  if (PLAIN.includes(path)) {
    return 'perhaps';
  }
  if (!TOP.test(/^\/[^/]*/.exec(path)![0]) || /^\/var\/task(\/|$)/.test(path)) {
    return 'absent';
  }
  const [, directory, name] = /^(\/mnt|\/opt|\/srv|\/usr\/src)\/([^/]+)/.exec(path) ?? [];
  return directory && !EMPTY[directory].test(name) ? 'absent' : 'unknown';
}
