/** The address of a repository, taken apart. */
export interface RepositoryName {
  readonly host: string;
  readonly path: string;
}

export function repositoryName(address: string): RepositoryName {
  const slash = address.indexOf('/');
  return { host: address.slice(0, slash), path: address.slice(slash + 1) };
}

/** An image with its registry, which Docker lets one leave out. */
export function fullName(image: string): string {
  const withFolder = image.includes('/') ? image : `library/${image}`;
  const first = withFolder.split('/')[0];
  return /[.:]/.test(first) || first === 'localhost' ? withFolder : `docker.io/${withFolder}`;
}
