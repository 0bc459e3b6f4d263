/**
 * A page whose links lead to the repository, for readers who have the page without the files beside it: on npm, on PyPI, in the Construct Hub.
 *
 * @param repository its address on GitHub or GitLab, which have the same addresses for files
 * @param version that of the package, whose tag has the files as they were
 */
export function absoluteLinks(page: string, repository: string, version: string): string {
  const home = repository.replace(/\.git$/, '');
  const commit = version === '0.0.0' ? 'HEAD' : `v${version}`; // 0.0.0 is no release
  // What is in blocks of code is text.
  return page.split(/^(```[^]*?^```$)/m).map((part, index) => (index % 2 === 1 ? part : part.replace(
    /(!?)(\[[^\]]*\])\((?![a-z]+:|#)([^)\s]+)\)/g,
    (_, picture, text, file) => `${picture}${text}(${home}/${picture ? 'raw' : 'blob'}/${commit}/${file})`,
  ))).join('');
}
